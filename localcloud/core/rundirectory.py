"""A directory for one run of the local cloud, beside those of others, gone when the run ends however it ends."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_PREFIX = "run-"
_SHARED = "environments"


@contextmanager
def run_directory(workdir: Path) -> Iterator[Path]:
    """A fresh directory in `workdir`; its `environments` is the one that all runs there share and that stays.

    A run holds a lock on its directory. What a killed run left behind is removed by the next one.
    """
    workdir = workdir.resolve()
    (workdir / _SHARED).mkdir(parents=True, exist_ok=True)
    with (workdir / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        _sweep(workdir)
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workdir))
        held = _lock(directory)
    with held:
        (directory / _SHARED).symlink_to(workdir / _SHARED)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _sweep(workdir: Path) -> None:
    for left in workdir.glob(f"{_PREFIX}*"):
        with suppress(BlockingIOError), _lock(left):
            shutil.rmtree(left, ignore_errors=True)


def _lock(directory: Path) -> IO[str]:
    """The lock on a directory, held until it is closed or the process ends. Raises `BlockingIOError`."""
    file = (directory / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file
