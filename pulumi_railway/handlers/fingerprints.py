"""Salted fingerprints: they tell that a secret changed without telling what it is or was."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Final

_SALT_BYTES: Final = 16
COST: Final = 2**14
"""scrypt's N: about 40 ms and 16 MiB for each fingerprint, so that guessing from a state file is slow."""


def of(secret: str) -> str:
    """A new fingerprint with a salt of its own: `scrypt:SALT:HASH`, both in base64."""
    salt = os.urandom(_SALT_BYTES)
    return f"scrypt:{_text(salt)}:{_text(_hash(secret, salt))}"


def matches(fingerprint: str, secret: str) -> bool:
    """Whether `secret` is the one this fingerprint was made of; false for a malformed fingerprint."""
    parts = fingerprint.split(":")
    if len(parts) != len(("scrypt", "salt", "hash")) or parts[0] != "scrypt":
        return False
    return hmac.compare_digest(_text(_hash(secret, base64.b64decode(parts[1]))), parts[2])


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=COST, r=8, p=1, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
