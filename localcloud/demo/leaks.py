"""Search for secret values in everything a run left behind, in each form a value could take."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PREFIX = 20
"""So many leading characters of a value are looked for: more than what a vendor's keys share."""

SHORTEST = 8
"""Characters of base64 within a longer text that are still unlikely to be there by chance."""


def forms(value: str, prefix: int = PREFIX) -> set[str]:
    """The value plain, JSON-escaped, URL-encoded, in base64, also of a text around it, and its beginning."""
    quoted = urllib.parse.quote(value, safe="")
    encoded = {base64.b64encode(value.encode()).decode().rstrip("="), *_within_base64(value.encode())}
    urlsafe = {form.replace("+", "-").replace("/", "_") for form in encoded}
    return {value, value[:prefix], json.dumps(value)[1:-1], quoted, quoted.lower(), *encoded, *urlsafe}


def search(texts: Mapping[str, str], secrets: Mapping[str, str], prefix: int = PREFIX) -> list[str]:
    """`NAME in PLACE` for each secret found; never the value."""
    wanted = {name: forms(value, prefix) for name, value in secrets.items()}
    return sorted(
        f"{name} in {place}"
        for name, looks in wanted.items()
        for place, text in texts.items()
        if any(look in text for look in looks)
    )


def _within_base64(raw: bytes) -> Iterator[str]:
    """What base64 makes of `raw` behind none to two other bytes, without the characters that neighbours share."""
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + raw).decode()
        inner = text[-(-offset * 4 // 3) : (offset + len(raw)) * 4 // 3]
        if len(inner) >= SHORTEST:
            yield inner


def read(directories: Iterable[Path]) -> dict[str, str]:
    """File -> content of every file below `directories`, undecodable bytes replaced."""
    return {
        str(file): file.read_bytes().decode(errors="replace")
        for directory in directories
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }
