"""The one place that keeps secrets out of logs, errors and evidence."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from typing import Final

from pulumi_railway.secret_parts import parts

MASK: Final = "[redacted]"

_HINT: Final = 8
"""So many leading characters of a secret already give it away."""

_SCHEMES: Final = ("http://", "https://")
"""The first characters of an address give nothing away, and stand before many others."""

_SHORT_ESCAPES: Final = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", '"': '"', "/": "/", "'": "'"}
"""Characters that JSON or a programming language writes as a backslash and one more."""

_URL_SAFE: Final = {"+": "-", "/": "_"}
"""The characters of base64 that are others where it is made for URLs."""


class Redactor:
    """Masks every registered secret: plain, URL-encoded, JSON-escaped however often, in base64 also of a text around it
    (from 7 bytes on), and by its first 8 characters. So are its parts that are secret alone: see `secret_parts`.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: set[str] = set()
        self._patterns: tuple[re.Pattern[str], ...] = ()

    def register(self, secret: str) -> None:
        """Mask `secret` and its parts from now on; an empty one is ignored."""
        with self._lock:
            if secret and secret not in self._secrets:
                added = {secret, *parts(secret)} - self._secrets
                self._secrets |= added
                self._patterns += tuple(re.compile(form) for each in added for form in _forms(each))

    def __call__(self, text: str) -> str:
        """`text` with every form of every registered secret replaced by `MASK`; forms that overlap become one."""
        shown, end = [], 0
        for start, stop in sorted(span for pattern in self._patterns for span in _spans(pattern, text)):
            if start >= end:
                shown += [text[end:start], MASK]
            end = max(end, stop)
        return "".join([*shown, text[end:]])


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where `pattern` occurs, also where its occurrences overlap."""
    found = pattern.search(text)
    while found:
        yield found.span()
        found = pattern.search(text, found.start() + 1)


def _forms(secret: str) -> set[str]:
    """Regular expressions for the ways in which a secret shows up in text."""
    raw = secret.encode(errors="surrogatepass")  # as in an environment variable that is no UTF-8
    whole = base64.b64encode(raw).decode().rstrip("=")
    forms = {_escaped(secret), *map(_in_either_alphabet, {whole, *_within_base64(raw)})}
    if len(secret) > _HINT and not secret.startswith(_SCHEMES):
        forms.add(_escaped(secret[:_HINT]) + r"[\w\-]*")
    return forms


def _within_base64(raw: bytes) -> Iterator[str]:
    """What a secret becomes in the base64 of a longer text: three forms, by where it begins in a group of three bytes.

    The characters that its neighbours have a share in are left out.
    """
    for offset in range(3):
        first, last = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
        found = base64.b64encode(bytes(offset) + raw).decode()[first:last]
        if len(found) >= _HINT:
            yield found


def _in_either_alphabet(form: str) -> str:
    """Base64 as it is, and as it is in URLs."""
    return "".join(f"(?:{_character(each)}|{_URL_SAFE[each]})" if each in _URL_SAFE else each for each in form)


def _escaped(secret: str) -> str:
    """`secret` with every character plain or escaped; backslashes in a row are one, for a text may double them."""
    return "".join(map(_character, re.findall(r"\\+|.", secret, re.DOTALL)))


def _character(plain: str) -> str:
    """A character, or backslashes, plain or escaped as in JSON or in a URL."""
    if plain.isascii() and plain.isalnum():
        return plain
    octets, units = plain.encode(errors="surrogatepass"), plain.encode("utf-16-be", "surrogatepass")
    forms = [
        f"{re.escape(plain)}+" if plain.startswith("\\") else re.escape(plain),
        "".join(rf"\\+u(?i:{unit})" for unit in units.hex(":", 2).split(":")),
        "".join(f"(?i:%{octet:02x})" for octet in octets),
    ]
    if plain in _SHORT_ESCAPES:
        forms.append(rf"\\+{_SHORT_ESCAPES[plain]}")
    if plain == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(forms)})"
