"""Looks at what a run shows to others while it goes on: command lines, and files for a moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chaos.processes import working_in

_PAUSE: Final = 0.03


class Watcher:
    """What was seen while runs went on: the command lines, and every content that a file had."""

    def __init__(self, program: Path, temporary: Path) -> None:
        self.commands: set[str] = set()
        self.contents: set[tuple[str, str]] = set()
        self._program = program
        self._temporary = temporary

    @property
    def files(self) -> dict[str, str]:
        """A name -> one of its contents, for each that was seen."""
        return {f"{file}, content {number}": text for number, (file, text) in enumerate(sorted(self.contents))}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look again and again until the block ends."""
        over = threading.Event()
        thread = threading.Thread(target=self._look_until, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look_until(self, over: threading.Event) -> None:
        while not over.wait(_PAUSE):
            self.commands.update(working_in(self._program).values())
            self.contents.update(files(self._temporary).items())


def files(directory: Path) -> dict[str, str]:
    """File -> content of every file below `directory`; one that goes meanwhile is left out."""
    found = {}
    for file in sorted(directory.rglob("*")):
        try:
            found[str(file)] = file.read_bytes().decode(errors="replace")
        except OSError:
            continue
    return found
