"""Encryption of secrets at rest: Pulumi's passphrase provider, version 1.

The salt text is `v1:<base64 of 8 bytes>:<check>`; the key is PBKDF2-SHA256 of the passphrase with that salt, one
million rounds. A cipher text, and the check of the word `pulumi`, is `v1:<base64 nonce>:<base64 AES-256-GCM>`.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any, Final

from localcloud.engine.errors import EngineError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROUNDS: Final = 1_000_000
SALT_BYTES: Final = 8
NONCE_BYTES: Final = 12
CHECK_WORD: Final = "pulumi"
PARTS: Final = 3
MISSING: Final = (
    "a secret must be encrypted or decrypted, and there is no passphrase: "
    "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
)


class Crypter:
    """Encrypts and decrypts with one passphrase and salt. The key is derived on first use (about 0.4 s)."""

    def __init__(self, passphrase: str | None, salt: str = "") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._aead: AESGCM | None = None
        self._cipher_texts: dict[tuple[str, str], str] = {}

    @property
    def salt(self) -> str:
        """The salt text with its check; empty as long as nothing was encrypted with a new salt."""
        return self._salt

    def encrypt(self, owner: str, text: str) -> str:
        """The cipher text of `text`; the same for the same owner and text during one run, so that files stay stable."""
        if (owner, text) not in self._cipher_texts:
            self._cipher_texts[owner, text] = _seal(self._cipher(), text)
        return self._cipher_texts[owner, text]

    def decrypt(self, owner: str, cipher_text: str) -> str:
        """The text of `cipher_text`. Raises `EngineError` for a wrong passphrase or a damaged text."""
        problem = "a secret cannot be decrypted: it was encrypted with another passphrase or salt"
        text = _unseal(self._cipher(), cipher_text, problem)
        self._cipher_texts[owner, text] = cipher_text
        return text

    def provider_state(self) -> dict[str, Any] | None:
        """The `secrets_providers` entry of a state file, `None` while there is no salt."""
        return {"type": "passphrase", "state": {"salt": self._salt}} if self._salt else None

    def _cipher(self) -> AESGCM:
        if self._aead is None:
            if self._passphrase is None:
                raise EngineError(MISSING)
            self._aead = _with_salt(self._passphrase, self._salt) if self._salt else self._with_new_salt()
        return self._aead

    def _with_new_salt(self) -> AESGCM:
        raw = secrets.token_bytes(SALT_BYTES)
        aead = _derive(self._passphrase or "", raw)
        self._salt = f"v1:{_b64(raw)}:{_seal(aead, CHECK_WORD)}"
        return aead


def _with_salt(passphrase: str, salt: str) -> AESGCM:
    damaged = "the salt of the passphrase is damaged: it must be v1:<salt>:<check>"
    version, raw, check = _split(salt, damaged)
    try:
        aead = _derive(passphrase, base64.b64decode(raw))
    except ValueError as error:
        raise EngineError(damaged) from error
    wrong = "incorrect passphrase: it does not fit the salt of this stack"
    if version != "v1" or _unseal(aead, check, wrong) != CHECK_WORD:
        raise EngineError(wrong)
    return aead


def _seal(aead: AESGCM, text: str) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return f"v1:{_b64(nonce)}:{_b64(aead.encrypt(nonce, text.encode(), None))}"


def _unseal(aead: AESGCM, cipher_text: str, problem: str) -> str:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only runs that hold secrets pay for it

    version, nonce, sealed = _split(cipher_text, problem)
    if version != "v1":
        raise EngineError(f"a secret is encrypted in format {version}; only v1 is known")
    try:
        return aead.decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
    except (InvalidTag, ValueError) as error:
        raise EngineError(problem) from error


def _split(text: str, problem: str) -> tuple[str, str, str]:
    parts = text.split(":", PARTS - 1)
    if len(parts) != PARTS:
        raise EngineError(problem)
    return parts[0], parts[1], parts[2]


def _derive(passphrase: str, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - see _unseal
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    return AESGCM(PBKDF2HMAC(hashes.SHA256(), length=32, salt=salt, iterations=ROUNDS).derive(passphrase.encode()))


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
