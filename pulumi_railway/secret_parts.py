"""The parts of a secret value that are secret alone, as a log shows one key out of a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

_LENGTH: Final = 8
"""A part of fewer characters is no secret by itself, and stands in too many other texts."""

_PUBLIC: Final = re.compile(r"urn:.*|https?://[\w.:-]+/?")
"""Values that say nothing secret; an address with a user, a path or a query can."""

_PEM: Final = re.compile(r"-----.*")
"""The first and the last line of a key in PEM form; they are the same for all."""

_WITHIN: Final = (
    re.compile(r"://[^/:@\s]*:([^@/\s]+)@"),  # redis://user:password@host:port
    re.compile(r"://([^/:@\s]+)@"),  # https://key@host/1
    re.compile(r"""(?i)(?:password|passwd|pwd|key|secret|token)\s*=\s*["']?([^;&\s"']+)"""),  # Server=host;Password=...
    re.compile(r"""(?i)(?:password|passwd|pwd|key|secret|token)["']?:\s+["']?([^,}\]\s"']+)"""),  # {name: a, key: ...}
)

_WORD: Final = re.compile(r"[A-Za-z]*(?:[0-9]{1,3}[A-Za-z]*)?")
"""What the name of a member is made of, e.g. `client_x509_cert_url`; a random text has more digits in it."""


def parts(value: str) -> set[str]:
    """The strings in `value` where it is JSON, else its lines; users and passwords in addresses and connection strings.

    The name of a member in JSON is one too where it is not made of words. Parts of 8 characters or more, decoded, and
    the parts of these; never `value` itself.
    """
    nested = _texts(value)
    found = {text.strip() for text in (value.splitlines() if nested is None else nested)}
    found |= {form for pattern in _WITHIN for text in pattern.findall(value) for form in (text, unquote(text))}
    found = {text for text in found - {value} if is_secret_alone(text) and not _PEM.fullmatch(text)}
    return found.union(*map(parts, found))


def is_secret_alone(text: str) -> bool:
    """Whether it is long enough to be a secret by itself, and says anything secret."""
    return len(text) >= _LENGTH and not _PUBLIC.fullmatch(text)


def _texts(value: str) -> list[str] | None:
    """The strings in a value that is JSON; None where it is no JSON."""
    try:
        return list(_leaves(json.loads(value)))
    except (ValueError, RecursionError):
        return None


def _leaves(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for each in document:
            yield from _leaves(each)
    elif isinstance(document, dict):
        yield from (name for name in document if not all(map(_WORD.fullmatch, re.split("[^A-Za-z0-9]+", name))))
        for each in document.values():
            yield from _leaves(each)
