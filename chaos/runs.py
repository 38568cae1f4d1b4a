"""One command of the engine, started so that it can be ended on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.points import STATE, Point
from localcloud.demo.stage import Stage

PATIENCE: Final = 120.0
"""Seconds for a run to end; an undisturbed one takes three."""
EMBEDDED: Final = ("-m", "localcloud.engine")


@dataclass(frozen=True)
class Ended:
    """How a run ended; `status` is None where it had to be given up, and negative where a signal ended it."""

    status: int | None
    output: str


class Run:
    """A command under way; its output goes to a file."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], directory: Path, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, the engine's own words
                command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The engine's process."""
        return self._process.pid

    def signal(self, name: str) -> None:
        """Send a signal to the engine's process alone."""
        self._process.send_signal(signal.Signals[name])

    def end(self) -> Ended:
        """Wait until it ends by itself; one that hangs is killed."""
        try:
            status: int | None = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
            self.kill()
        return Ended(status, self._log.read_text(errors="replace"))

    def kill(self) -> None:
        """End what is left of it at once."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self._process.wait()


@contextmanager
def started(stage: Stage, verb: str, journal: Path, point: Point | None = None) -> Iterator[Run]:
    """A run of the stage's engine; one on the embedded engine notes its writes in `journal` and may end at one."""
    journal.unlink(missing_ok=True)
    command = _mortal([*stage.engine.commands[verb]], journal, point)
    environment = {**stage.environment(), **stage.engine.own}
    run = Run(command, environment, stage.workspace.directory, stage.directory / "logs" / f"{verb}.txt")
    try:
        yield run
    finally:
        run.kill()


def writes(journal: Path) -> int:
    """How often the state was written by the last run."""
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def _mortal(command: list[str], journal: Path, point: Point | None) -> list[str]:
    if tuple(command[1:3]) != EMBEDDED:
        return command
    ending: list[str] = []
    if point is not None and point.event.service == STATE:
        ending = ["--write", str(point.event.count), "--signal", point.signal, "--moment", point.moment]
    return [sys.executable, "-m", "chaos.engine", "--journal", str(journal), *ending, "--", *command[3:]]
