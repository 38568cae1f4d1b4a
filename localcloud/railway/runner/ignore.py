"""`.dockerignore`: which files of a directory are no part of the build."""

from __future__ import annotations

from pathlib import Path

from localcloud.railway.patterns import matches


def remove_ignored(directory: Path) -> None:
    """Delete the files under `directory` that its `.dockerignore` names; the last matching pattern decides."""
    file = directory / ".dockerignore"
    if not file.exists():
        return
    patterns = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if _is_pattern(line)]
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_file() and matches(name, patterns) and name not in {"Dockerfile", ".dockerignore"}:
            path.unlink()


def _is_pattern(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
