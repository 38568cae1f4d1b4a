"""The working copy that the local cloud deploys from: what GitHub has of it is what is committed.

Without a checkout (a downloaded archive) the files themselves are the one commit there is.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from localcloud.core import environment
from localcloud.core.errors import LocalCloudError

_NOT_SOURCE = frozenset(
    {".git", ".venv", "build", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
)
# Set where a git hook runs us; they would lead git elsewhere.
_GIT_OVERRIDES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
_SHA = re.compile(r"[0-9a-f]{40}")


class WorkingCopyError(LocalCloudError):
    """The directory or the commit cannot be used; the message says why."""


@dataclass(frozen=True)
class Commit:
    """A commit as GitHub tells of it; `tree` is the hash of its whole content."""

    sha: str
    tree: str
    message: str
    author: str
    email: str
    date: datetime
    parents: tuple[str, ...]


class WorkingCopy:
    """The directory `directory`, read anew at each question, so that a new commit is seen at once."""

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise WorkingCopyError(f"{directory} is no directory: give the directory that holds the project")
        self.directory = directory.resolve()
        self.versioned = self._is_versioned()
        self._seen: set[str] = set()

    @property
    def head(self) -> str:
        """The commit to deploy, 40 hex digits; without a checkout a hash of the files."""
        return self._git("rev-parse", "HEAD") if self.versioned else self._content_hash()

    def has(self, sha: str) -> bool:
        """Whether `sha`, 40 hex digits, is a commit of this working copy."""
        if not _SHA.fullmatch(sha):
            return False
        if not self.versioned:
            return sha == self.head
        if sha not in self._seen and self._git("rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}"):
            self._seen.add(sha)  # a commit stays
        return sha in self._seen

    def uncommitted(self) -> list[str]:
        """The files that differ from the commit, and so are not deployed; sorted."""
        if not self.versioned:
            return []
        lines = self._git("status", "--porcelain", "--untracked-files=all", "--", ".").splitlines()
        return sorted(line.strip().partition(" ")[2].strip() for line in lines)

    def notices(self) -> list[str]:
        """What the user should know of the source: one sentence each, empty where all is committed."""
        if not self.versioned:
            return [f"{self.directory} is no git checkout: its files are deployed as they are"]
        if changed := self.uncommitted():
            count = f"{len(changed)} files differ" if len(changed) > 1 else f"{changed[0]} differs"
            return [f"{count} from the commit {self.head[:12]}; what is committed is deployed"]
        return []

    def commit(self, sha: str) -> Commit:
        """What is known of a commit that `has` knows. Raises `WorkingCopyError` for another."""
        self._require(sha)
        if not self.versioned:
            return Commit(sha, sha, "Files without version control", "nobody", "", datetime.now(UTC), ())
        fields = self._git("show", "--no-patch", "--format=%T%x00%an%x00%ae%x00%cI%x00%P%x00%B", sha).split("\0")
        tree, author, email, date, parents, message = fields
        return Commit(sha, tree, message.strip(), author, email, datetime.fromisoformat(date), tuple(parents.split()))

    def changed(self, before: str, after: str) -> list[str] | None:
        """The files that differ between two commits; None where that cannot be told."""
        if not self.versioned or not (self.has(before) and self.has(after)):
            return None
        return [
            name for name in self._git("diff", "--name-only", "--relative", "-z", before, after).split("\0") if name
        ]

    def export(self, sha: str, path: str, target: Path) -> None:
        """Write the directory `path` of a commit into the directory `target`, which is created.

        Raises `WorkingCopyError` where the commit is unknown or has no such directory.
        """
        self._require(sha)
        if not self._holds(sha, path):
            raise WorkingCopyError(f"commit {sha[:12]} has no directory {path}")
        target.mkdir(parents=True, exist_ok=True)
        if self.versioned:
            tree, top = self._git("rev-parse", f"{sha}:./{path}", "--show-toplevel").splitlines()
            archive = _git(Path(top), "archive", "--format=tar", tree)
            with tarfile.open(fileobj=io.BytesIO(archive)) as content:
                content.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later have it
                content.extractall(target)  # noqa: S202 - made by git of what is committed here
        else:
            shutil.copytree(
                self.directory / path, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_NOT_SOURCE)
            )

    def _is_versioned(self) -> bool:
        try:
            _git(self.directory, "rev-parse", "--verify", "HEAD:./")
        except OSError:
            return False
        except subprocess.CalledProcessError as error:
            if not (self.directory / ".git").exists():
                return False
            said = error.stderr.decode(errors="replace").strip().splitlines()[:1]
            raise WorkingCopyError(
                f"git cannot tell what is committed in {self.directory}: {' '.join(said)}"
            ) from error
        return True

    def _require(self, sha: str) -> None:
        if not self.has(sha):
            raise WorkingCopyError(f"{self.directory} has no commit {sha}")

    def _holds(self, sha: str, path: str) -> bool:
        if self.versioned:
            return self._git("cat-file", "-t", f"{sha}:./{path}") == "tree"
        directory = (self.directory / path).resolve()
        return directory.is_dir() and directory.is_relative_to(self.directory)

    def _content_hash(self) -> str:
        digest = hashlib.sha1(usedforsecurity=False)
        for file in _files(self.directory):
            digest.update(f"{file.relative_to(self.directory).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _git(self, *arguments: str) -> str:
        """What git prints, empty where it fails or is not installed."""
        try:
            return _git(self.directory, *arguments).decode().strip("\n")
        except (OSError, subprocess.CalledProcessError):
            return ""


def _git(directory: Path, *arguments: str) -> bytes:
    """What git prints in a directory. Raises `OSError` where there is no git, `CalledProcessError` where it fails."""
    command = ["git", "-C", str(directory), *arguments]
    own = {name: value for name, value in environment.current().items() if name not in _GIT_OVERRIDES}
    return subprocess.run(command, capture_output=True, check=True, env=own).stdout  # noqa: S603 - no shell, fixed words


def _is_source(path: Path) -> bool:
    return path.name not in _NOT_SOURCE


def _files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if not _is_source(path) or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
