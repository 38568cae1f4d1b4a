"""A deployment that Railway calls healthy and the gate does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine


def test_an_old_build_that_keeps_answering_is_refused(stage: FaultStage) -> None:
    stage.hurry_the_gate()
    stage.spoil("old")
    result = stage.up()
    stage.require_refused(result, "old build answers", "Nothing was published")
    assert stage.repository_variable() == ""
    stage.mend("old")
    stage.require_converges()
