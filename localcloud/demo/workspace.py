"""A scratch copy of the project, so that a demo can commit a bad release without touching the user's checkout."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

IGNORED = shutil.ignore_patterns(".venv", "build", ".git", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache")


@dataclass(frozen=True)
class Workspace:
    """`directory` holds the committed HEAD of the project, or its files as they are where there is no git."""

    directory: Path
    versioned: bool

    def change(self, file: str, before: str, after: str, message: str) -> None:
        """Replace `before`, which must be there, by `after` in `file`, and commit."""
        path = self.directory / file
        text = path.read_text(encoding="utf-8")
        if before not in text:
            raise ValueError(f"{file} no longer holds {before!r}: correct the demo")
        path.write_text(text.replace(before, after), encoding="utf-8")
        self.commit(message)

    def commit(self, message: str) -> None:
        """Commit every change, where there is git."""
        if self.versioned:
            identity = ("-c", "user.name=demo", "-c", "user.email=demo@example.org", "-c", "commit.gpgsign=false")
            git(self.directory, "add", "--all")
            git(self.directory, *identity, "commit", "--quiet", "--no-verify", "--message", message)


def create(project: Path, directory: Path) -> Workspace:
    """Copy `project` to `directory`, which is replaced; its `.venv` is shared by a link."""
    shutil.rmtree(directory, ignore_errors=True)
    versioned = (project / ".git").exists() and shutil.which("git") is not None
    if versioned:
        git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(directory))
    else:
        shutil.copytree(project, directory, ignore=IGNORED)
    if (project / ".venv").exists():
        (directory / ".venv").symlink_to(project / ".venv")
    return Workspace(directory, versioned)


def git(directory: Path, *arguments: str) -> str:
    """The output of a git command in `directory`. Raises `subprocess.CalledProcessError`."""
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - no shell, fixed words
