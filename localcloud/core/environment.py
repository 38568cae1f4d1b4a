"""The one reader of `os.environ` in the local cloud itself; the engine has its own."""

from __future__ import annotations

import os


def current() -> dict[str, str]:
    """A copy of this process's environment."""
    return dict(os.environ)
