"""Looks at what a run shows to others while it goes on: command lines, and files for a moment."""

from __future__ import annotations

import base64
import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chaos.processes import working_in

HINT: Final = 8
"""So many leading characters of a secret already give it away."""
_PAUSE: Final = 0.03


def forms(value: str) -> set[str]:
    """The ways in which a value could show up: plain, in base64 at each offset, URL-encoded, in JSON, its beginning."""
    quoted = urllib.parse.quote(value, safe="")
    encoded = {_inner_base64(value.encode(), offset) for offset in range(3)}
    urlsafe = {form.replace("+", "-").replace("/", "_") for form in encoded}
    return {value, value[:HINT], json.dumps(value)[1:-1], quoted, quoted.lower(), *encoded, *urlsafe}


def _inner_base64(raw: bytes, offset: int) -> str:
    """What base64 makes of `raw` behind `offset` other bytes, without the characters that depend on its neighbours."""
    text = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    return text[4 if offset else 0 : len(text) - len(text) % 4 or None][:-4]


def found_in(texts: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """`NAME in PLACE` for each secret that stands in a text; never the value."""
    wanted = {name: forms(value) for name, value in secrets.items()}
    return sorted(f"{name} in {place}" for place, text in texts.items() for name in wanted if _any(wanted[name], text))


def _any(looks: set[str], text: str) -> bool:
    return any(look in text for look in looks)


class Watcher:
    """What was seen while runs went on: the command lines, and file -> content."""

    def __init__(self, program: Path, temporary: Path) -> None:
        self.commands: set[str] = set()
        self.files: dict[str, str] = {}
        self._program = program
        self._temporary = temporary

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
            self.files.update(files(self._temporary))


def files(directory: Path) -> dict[str, str]:
    """File -> content of every file below `directory`; one that goes meanwhile is left out."""
    found = {}
    for file in sorted(directory.rglob("*")):
        try:
            found[str(file)] = file.read_bytes().decode(errors="replace")
        except OSError:
            continue
    return found
