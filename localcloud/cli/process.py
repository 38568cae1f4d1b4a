"""Run the command of `exec`: signals reach it, and its exit status is ours."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from localcloud.cli.signals import handled

NOT_FOUND, NOT_EXECUTABLE = 127, 126
_KILLED = 128


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status of `command`: 128 + N where signal N ended it, 127 where there is no such command."""
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        sys.stderr.write(f"localcloud: {command[0]}: no such command\n")
        return NOT_FOUND
    children = _Children()
    with handled(children.forward):
        try:
            process = subprocess.Popen([program, *command[1:]], env=environment)  # noqa: S603 - the user's own command
        except OSError as error:
            sys.stderr.write(f"localcloud: {command[0]} cannot be run: {error.strerror}\n")
            return NOT_EXECUTABLE
        children.adopt(process)
        status = process.wait()
    return status if status >= 0 else _KILLED - status


class _Children:
    """Passes signals on to the command, also those that came before it was started."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def forward(self, number: int, _frame: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT or not _in_foreground():  # else the terminal has sent it to the command already
            self._process.send_signal(number)


def _in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
