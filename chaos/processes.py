"""The processes that work in a directory: the engine, its plugins, their gates, and whatever else a run started."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
LINGERS: Final = "pulumi-language-"
"""The CLI's language host looks for its engine every five minutes only, and ends then."""


class ChaosError(Exception):
    """The sweep itself cannot go on; the message says why."""


def working_in(directory: Path) -> dict[int, str]:
    """Process id -> command line of every process whose working directory is `directory`. Raises `ChaosError`."""
    if not PROC.is_dir():
        raise ChaosError("Processes are looked up in /proc, which this system does not have: run it on Linux.")
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (command := _command(entry, directory)) is not None:
            found[int(entry.name)] = command
    return found


def _command(entry: Path, directory: Path) -> str | None:
    """The command line; None for a process elsewhere, of somebody else, or that is gone meanwhile."""
    try:
        if (entry / "cwd").readlink() != directory:
            return None
        return (entry / "cmdline").read_text().replace("\0", " ").strip() or None
    except OSError:
        return None


def left_after(directory: Path, seconds: float) -> list[str]:
    """The command lines of those that still work in `directory` after `seconds`; empty as soon as none does.

    Language hosts of the CLI are not meant.
    """
    end = time.monotonic() + seconds
    while found := {pid: line for pid, line in working_in(directory).items() if LINGERS not in line}:
        if time.monotonic() >= end:
            return sorted(found.values())
        time.sleep(0.02)
    return []


def end_all(directory: Path) -> None:
    """Kill everything that works in `directory`."""
    for process in working_in(directory):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
