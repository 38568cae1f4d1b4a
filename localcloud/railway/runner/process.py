"""A child process in a group of its own, which dies when this process does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal

Stream = Literal["stdout", "stderr"]
OnLine = Callable[[Stream, str], None]

_SUPERVISOR = Path(__file__).with_name("supervisor.py")


class Process:
    """`command`, running in `directory`; `on_line` gets each line it writes, from a thread of its own.

    `environment` is the whole environment of the command; None passes on this process's own.
    """

    def __init__(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str] | None, on_line: OnLine
    ) -> None:
        self._child = subprocess.Popen(  # noqa: S603 - no shell; the command of an image or of its build
            [sys.executable, "-I", "-S", str(_SUPERVISOR), *command],
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        pipes: list[tuple[Stream, IO[bytes] | None]] = [("stdout", self._child.stdout), ("stderr", self._child.stderr)]
        self._readers = [_reader(pipe, stream, on_line) for stream, pipe in pipes if pipe]

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._child.poll()

    def wait(self, seconds: float) -> int | None:
        """The exit status, after at most `seconds`; None while it still runs."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask the command to end, by SIGTERM."""
        if self._child.poll() is None:
            self._child.terminate()

    def close(self) -> int:
        """Kill what is left of the group and return the exit status. All lines have been read then."""
        with suppress(ProcessLookupError, PermissionError):  # an empty group; macOS says so by EPERM
            os.killpg(self._child.pid, signal.SIGKILL)
        status = self._child.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe:
                pipe.close()
        return status


def _reader(pipe: IO[bytes], stream: Stream, on_line: OnLine) -> threading.Thread:
    def read() -> None:
        for line in pipe:
            on_line(stream, line.decode(errors="replace").rstrip("\r\n"))

    thread = threading.Thread(target=read, name=f"reader-{stream}", daemon=True)
    thread.start()
    return thread
