"""The one place that keeps secrets out of logs, errors and evidence."""

from __future__ import annotations

import base64
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from typing import Final

MASK: Final = "[redacted]"

_HINT: Final = 8
"""So many leading characters of a secret already give it away."""


class Redactor:
    """Masks every registered secret: plain, URL-encoded, JSON-escaped, in base64 also of a text around it, and by its
    first 8 characters.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def register(self, secret: str) -> None:
        """Mask `secret` from now on; an empty one is ignored."""
        forms = _forms(secret)
        with self._lock:
            if forms <= self._forms:
                return
            self._forms |= forms
            self._pattern = re.compile("|".join(sorted(self._forms, key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        """`text` with every form of every registered secret replaced by `MASK`."""
        return self._pattern.sub(MASK, text) if self._pattern else text


def _forms(secret: str) -> set[str]:
    """Regular expressions for the ways in which a secret shows up in text."""
    raw = secret.encode()
    quoted = urllib.parse.quote(secret, safe="")
    literal = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        *_within_base64(raw),
        quoted,
        re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted),
        urllib.parse.quote_plus(secret),
    }
    forms = {re.escape(form) for form in literal if form}
    if len(secret) > _HINT:
        forms.add(re.escape(secret[:_HINT]) + r"[\w\-]*")
    return forms


def _within_base64(raw: bytes) -> Iterator[str]:
    """What a secret becomes in the base64 of a longer text: three forms, by where it begins in a group of three bytes.

    The characters that its neighbours have a share in are left out.
    """
    for offset in range(3):
        first, last = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found = encode(bytes(offset) + raw).decode()[first:last]
            if len(found) >= _HINT:
                yield found
