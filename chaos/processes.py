"""The processes that work in a directory: the engine, its plugins, their gates, and whatever else a run started."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


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
    """The command lines of those that still work in `directory` after `seconds`; empty as soon as none does."""
    end = time.monotonic() + seconds
    while found := working_in(directory):
        if time.monotonic() >= end:
            return sorted(found.values())
        time.sleep(0.02)
    return []
