"""Search for secret values in everything a run left behind, in each form a value could take."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PREFIX = 20


def forms(value: str) -> Iterator[str]:
    """The value plain, JSON-escaped, URL-encoded, in base64, and its beginning, past what a vendor's keys share."""
    yield value
    yield json.dumps(value)[1:-1]
    yield urllib.parse.quote(value, safe="")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(value.encode()).decode().rstrip("=")
    yield value[:PREFIX]


def search(texts: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """`NAME in PLACE` for each secret found; never the value."""
    return sorted(
        f"{name} in {place}"
        for name, value in secrets.items()
        for place, text in texts.items()
        if any(form in text for form in forms(value))
    )


def read(directories: Iterable[Path]) -> dict[str, str]:
    """File -> content of every file below `directories`, undecodable bytes replaced."""
    return {
        str(file): file.read_bytes().decode(errors="replace")
        for directory in directories
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }
