"""Who may spend money here: whoever presents the gateway's key."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from starlette.datastructures import Headers

MASTER: Final = "master"
"""What whoever presents the gateway's own key is called."""


def bearer(headers: Headers) -> str:
    """The key in `Authorization: Bearer`, empty where there is none."""
    scheme, _, presented = headers.get("authorization", "").partition(" ")
    return presented.strip() if scheme.lower() == "bearer" else ""


def x_api_key(headers: Headers) -> str:
    """The key in `x-api-key`, where Anthropic's clients send it, or as a bearer token."""
    return headers.get("x-api-key", "") or bearer(headers)


def authenticate(presented: str, key: str) -> None:
    """Raise a 401 unless the key that was presented is the gateway's.

    Digests are compared, in constant time, so neither the key's content nor its length can be measured.
    """
    if hmac.compare_digest(_digest(presented), _digest(key)):
        return
    raise RequestError(
        401,
        "invalid_api_key",
        "A valid key is needed: send it as `Authorization: Bearer <key>`.",
        kind="authentication_error",
        headers={"www-authenticate": "Bearer", "connection": "close"},
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
