"""One run at a time on a state file: an advisory lock beside it, which names its holder.

The kernel frees the lock when its holder dies, so a crashed run never blocks the next one; what it leaves is the
file, from which the next run tells who it was.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from localcloud.engine.errors import EngineError


class Lock:
    """The lock of one state file. `held` also tells of a run that died holding it."""

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(f"{state.name}.lock")
        self._state = state
        self._held: IO[str] | None = None
        self.left_behind = ""
        """Who ended without giving the lock back, known once it is held; empty where nobody did."""

    @contextmanager
    def held(self, command: str) -> Iterator[None]:
        """Hold the lock. Raises `EngineError` that names the holder where somebody else has it."""
        with self._acquired() as file:
            self.left_behind = _describe(file.read())
            self._sign(file, command)
            self._held = file
            try:
                yield
            finally:
                self._held = None
                if self._is_current(file):
                    self._path.unlink()

    def require(self) -> None:
        """Raise `EngineError` where somebody took the lock away meanwhile."""
        if self._held is not None and not self._is_current(self._held):
            raise EngineError(
                f"The lock of {self._state} was taken away from this run, so it stops and writes no state any more. "
                "What it did last is not recorded: run refresh once no other run goes on."
            )

    def take_away(self, *, force: bool) -> str:
        """Remove what a dead run left, by `force` also a live one's; returns what was done. Raises `EngineError`."""
        try:
            file = self._path.open("r+")
        except FileNotFoundError:
            return f"{self._state} is not locked."
        with file:
            holder = _describe(file.read()) or "another run"
            alive = not _try_lock(file)
            if alive and not force:
                raise EngineError(
                    f"{self._state} is locked by {holder}, which is alive. Nothing was changed: wait for it to end, or "
                    "interrupt it. If it hangs, take the lock away all the same with --force."
                )
            self._path.unlink(missing_ok=True)
        told = "That run stops before it writes the state again." if alive else "That run is dead."
        return f"The lock of {self._state} is removed; it was held by {holder}. {told}"

    def _acquired(self) -> IO[str]:
        """The locked file. One that its last holder removed meanwhile is not the lock any more."""
        while True:
            file = self._open()
            if not _try_lock(file):
                with file:
                    raise EngineError(self._held_by(_describe(file.read()) or "another run"))
            if self._is_current(file):
                return file
            file.close()

    def _open(self) -> IO[str]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+")
        except OSError as error:
            raise EngineError(f"Lock file {self._path} cannot be written: {error.strerror}") from error
        file.seek(0)
        return file

    def _is_current(self, file: IO[str]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def _held_by(self, holder: str) -> str:
        return (
            f"{self._state} is locked by {holder}. Wait for it to end, or interrupt it. If it hangs, take its lock "
            f"away with: python -m localcloud.engine cancel --force --stack STACK --state {self._state}"
        )

    @staticmethod
    def _sign(file: IO[str], command: str) -> None:
        file.seek(0)
        file.truncate()
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        json.dump({**holder, "command": command}, file)
        file.flush()


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _describe(text: str) -> str:
    try:
        holder: dict[str, Any] = json.loads(text or "{}")
        age = datetime.now(UTC) - datetime.fromisoformat(holder["since"])
    except (ValueError, KeyError):
        return ""
    return (
        f"process {holder.get('pid')} on {holder.get('host')} ({holder.get('command')}, "
        f"for {int(age.total_seconds())} s)"
    )
