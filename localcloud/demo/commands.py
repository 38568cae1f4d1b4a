"""Run one command of the demo: its output is shown as it comes and kept in a log; it never outlives the demo."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.console import Console

GRACE = 30.0


@dataclass(frozen=True)
class Result:
    """A finished command: its exit status, and what it wrote to each stream."""

    status: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams, for searches."""
        return self.stdout + self.stderr


def run(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    log: Path,
    console: Console,
    show_stdout: bool = True,
    patience: float | None = None,
) -> Result:
    """Run `command` to its end. An interrupt is passed on once; then there are `GRACE` seconds to end by itself.

    So it is for a command that takes longer than `patience` seconds, which raises `subprocess.TimeoutExpired`.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell, commands of the demo
        command,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with _ended(process):
        out = _Reader(process.stdout, console if show_stdout else None)
        err = _Reader(process.stderr, console)
        status = process.wait(patience)
        result = Result(status, out.text(), err.text())
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"$ {' '.join(command)}\n{result.output}exit status {status}\n", encoding="utf-8")
    return result


@contextlib.contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(GRACE)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Reader:
    """Reads one stream in a thread, line by line, and shows it dimmed where there is a console."""

    def __init__(self, stream: IO[str] | None, console: Console | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, console), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, console: Console | None) -> None:
        with stream or io.StringIO() as lines:
            for line in lines:
                self._lines.append(line)
                if console is not None and line.strip():
                    console.print("    " + line.rstrip(), style="dim", markup=False, highlight=False, soft_wrap=True)

    def text(self) -> str:
        self._thread.join()
        return "".join(self._lines)
