"""What a call ends in, for tests that hold of every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def outcome(expected: type[Exception], call: Callable[..., Any], *args: Any) -> tuple[Any, str]:
    """(value, "") or, where `call` raised the expected error, (None, its text). Any other error passes."""
    try:
        return call(*args), ""
    except expected as error:
        return None, str(error)
