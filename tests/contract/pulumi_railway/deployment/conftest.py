"""A deployment is the last of four resources: the others are there already, and their calls are forgotten."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def others(stack: Any, cloud: Any) -> None:
    for name in ("Service", "Variables", "ServiceDomain"):
        stack.up(name)
    cloud.calls.clear()
