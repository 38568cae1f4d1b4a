"""Patterns for names of files, as `.dockerignore` and watchPatterns have them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that fits `name`, a path with slashes, takes it in; one with `!` takes it out.

    A pattern begins at the top and fits what lies below, too.
    """
    found = False
    for pattern in patterns:
        if _expression(pattern.removeprefix("!").strip("/")).fullmatch(name):
            found = not pattern.startswith("!")
    return found


def anywhere(pattern: str) -> str:
    """The same pattern as git reads it: one without a slash fits at any depth."""
    sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    return f"{sign}**/{body}" if "/" not in body.rstrip("/") else pattern


@lru_cache(maxsize=256)
def _expression(body: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", body)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(meanings.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{expression}(?:/.*)?", re.DOTALL)
