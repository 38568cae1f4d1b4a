"""Salted fingerprints: they tell that a secret changed without telling what it is or was."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from typing import Final

COST: Final = 14
"""The logarithm of scrypt's N: about 40 ms and 16 MiB for each, so that guessing from a state file is slow."""

_SALT_BYTES: Final = 16
_SHAPE: Final = re.compile(r"scrypt:([1-9]|1\d):([A-Za-z0-9+/]{22}==):([A-Za-z0-9+/]+=*)")


def of(secret: str) -> str:
    """A new fingerprint with a salt of its own: `scrypt:COST:SALT:HASH`, the last two in base64."""
    salt = os.urandom(_SALT_BYTES)
    return f"scrypt:{COST}:{_text(salt)}:{_text(_hash(secret, salt, COST))}"


def matches(fingerprint: str, secret: str) -> bool:
    """Whether `secret` is the one this fingerprint was made of, at whatever cost; false for a malformed fingerprint."""
    found = _SHAPE.fullmatch(fingerprint)
    if found is None:
        return False
    return hmac.compare_digest(_text(_hash(secret, base64.b64decode(found[2]), int(found[1]))), found[3])


def _hash(secret: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**cost, r=8, p=1, maxmem=2**30, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
