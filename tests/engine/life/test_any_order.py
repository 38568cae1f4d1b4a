"""A small stack under random sequences of runs, changes, faults and kills."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.engine.life.any_order import AnyOrder

if TYPE_CHECKING:
    from tests.engine.life.conftest import MakeStack

pytestmark = pytest.mark.engine


def test_any_order(make_stack: MakeStack) -> None:
    @seed(1)
    class OnThisCloud(AnyOrder):
        def __init__(self) -> None:
            super().__init__(make_stack())

    run_state_machine_as_test(OnThisCloud, settings=settings(max_examples=6, stateful_step_count=8))
