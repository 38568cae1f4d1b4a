"""The source of a deployment: which commit Railway builds, and the tree hash that tells whether the service changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

CONFIG_AS_CODE: Final = ("railway.toml", "railway.json")


@dataclass(frozen=True)
class Source:
    """`commit` is 40 hex digits; `tree` identifies the content of the root directory; `warnings` are for the user."""

    commit: str
    tree: str
    warnings: tuple[str, ...] = ()


class SourceError(pulumi.RunError):
    """There is no commit to deploy, or the service is not in it."""


def read(program: Path, root_directory: str, commit: str) -> Source:
    """Find the source in the checkout that holds the directory `program`; `commit` wins over its HEAD where given.

    Without a git checkout (a downloaded archive) the files themselves are hashed, and `commit` must be given.
    """
    head = _git(program, "rev-parse", "HEAD")
    deployed = commit or head
    if not deployed:
        raise SourceError(f"No commit to deploy: {program} is no git checkout. Set the setting `commit` or GITHUB_SHA.")
    tree = _tree(program, root_directory, deployed) if head else _hash_files(program / root_directory)
    if not tree:
        what = f"{root_directory}/Dockerfile is not in commit {deployed[:12]}"
        raise SourceError(f"{what}. Commit it, correct the setting `rootDirectory`, or fetch that commit.")
    return Source(deployed, tree, tuple(_warnings(program, root_directory)))


def _tree(program: Path, root_directory: str, commit: str) -> str:
    dockerfile = _git(program, "rev-parse", "--verify", "--quiet", f"{commit}:./{root_directory}/Dockerfile")
    return _git(program, "rev-parse", "--verify", "--quiet", f"{commit}:./{root_directory}") if dockerfile else ""


def _hash_files(directory: Path) -> str:
    if not (directory / "Dockerfile").is_file():
        return ""
    digest = hashlib.sha256()
    files = (file for file in directory.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    for file in sorted(files):
        digest.update(f"{file.relative_to(directory).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _warnings(program: Path, root_directory: str) -> Iterator[str]:
    if _git(program, "status", "--porcelain", "--", root_directory):
        yield f"{root_directory} has changes that are not committed: they are not deployed."
    files = [directory / name for directory in (program, program / root_directory) for name in CONFIG_AS_CODE]
    for file in (file for file in files if file.exists()):
        overridden = " and ".join(_settings_in(file)) or "settings"
        yield (
            f"{file.relative_to(program)} overrides {overridden} of this program until Railway stops reading it on "
            "2026-12-01: remove it."
        )


def _settings_in(file: Path) -> list[str]:
    """The settings that a config file of Railway's names; none where it cannot be read."""
    text = file.read_text(errors="replace")
    try:
        document = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except ValueError:
        return []
    sections = [document.get(name) for name in ("build", "deploy")] if isinstance(document, dict) else []
    return sorted({name for section in sections if isinstance(section, dict) for name in section})


def _git(directory: Path, *arguments: str) -> str:
    """The output of a git command in `directory`, empty where it fails or git is not installed."""
    try:
        command = ["git", "-C", str(directory), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - fixed words
    except (OSError, subprocess.CalledProcessError):
        return ""
