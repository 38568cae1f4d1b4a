"""`python -m chaos.engine`: the embedded engine on a state file whose writes are counted, and can be its end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chaos.points import MOMENTS, SIGNALS
from localcloud.core.faults import Moment
from localcloud.engine import cli
from localcloud.engine.store import Store


@dataclass(frozen=True)
class Ending:
    """How the run ends: by the signal of that name at the `write`-th write, from 1, before or after it counts."""

    signal: str
    write: int
    moment: Moment


class MortalStore(Store):
    """Notes each write as a line of `journal`, and is the end of its process at one of them."""

    def __init__(self, path: Path, passphrase: str | None, salt: str, *, journal: Path, ending: Ending) -> None:
        super().__init__(path, passphrase, salt)
        self._journal = journal
        self._ending = ending
        self._count = 0

    def _replace(self, temporary: Path) -> None:
        self._count += 1
        with self._journal.open("a") as journal:
            journal.write(f"{self._count}\n")
        self._pass("before")
        super()._replace(temporary)
        self._pass("after")

    def _pass(self, moment: Moment) -> None:
        if (self._count, moment) == (self._ending.write, self._ending.moment):
            os.kill(os.getpid(), signal.Signals[self._ending.signal])


def main(arguments: Sequence[str]) -> int:
    """Run a command of the embedded engine; its own options stand behind `--`."""
    parser = argparse.ArgumentParser(prog="python -m chaos.engine", description=__doc__)
    parser.add_argument("--journal", type=Path, required=True, help="the file that gets a line for each write")
    parser.add_argument("--write", type=int, default=0, help="the write to end at, from 1; without it none is")
    parser.add_argument("--signal", choices=SIGNALS, default="SIGKILL", help="what ends it")
    parser.add_argument("--moment", choices=MOMENTS, default="before", help="before or after the write counts")
    parser.add_argument("engine", nargs=argparse.REMAINDER, help="-- and what `python -m localcloud.engine` takes")
    options = parser.parse_args(arguments)
    ending = Ending(options.signal, options.write, options.moment)
    return cli.main(options.engine[1:], partial(MortalStore, journal=options.journal, ending=ending))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
