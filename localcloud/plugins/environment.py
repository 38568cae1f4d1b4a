"""The one reader of `os.environ` in this package."""

from __future__ import annotations

import os


def first(*names: str) -> str:
    """The value of the first of these variables that is set and not empty, else an empty text."""
    return next((value for value in map(os.environ.get, names) if value), "")
