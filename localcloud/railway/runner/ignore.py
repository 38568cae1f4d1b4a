"""`.dockerignore`: which files of a directory are no part of the build."""

from __future__ import annotations

import re
from pathlib import Path


def remove_ignored(directory: Path) -> None:
    """Delete the files under `directory` that its `.dockerignore` names; the last matching pattern decides."""
    file = directory / ".dockerignore"
    if not file.exists():
        return
    rules = [_rule(line.strip()) for line in file.read_text(encoding="utf-8").splitlines() if _is_pattern(line)]
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_file() and _ignored(name, rules) and name not in {"Dockerfile", ".dockerignore"}:
            path.unlink()


def _is_pattern(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _rule(pattern: str) -> tuple[re.Pattern[str], bool]:
    ignores = not pattern.startswith("!")
    body = pattern.removeprefix("!").strip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", body)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(meanings.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{expression}(?:/.*)?"), ignores


def _ignored(name: str, rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    ignored = False
    for pattern, ignores in rules:
        if pattern.fullmatch(name):
            ignored = ignores
    return ignored
