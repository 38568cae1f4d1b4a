"""Who may spend money here: whoever presents the gateway's key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from starlette.datastructures import Headers

MASTER: Final = "master"
"""What whoever presents the gateway's own key is called."""

BASIC: Final = 'Basic realm="litellm-gateway", charset="UTF-8"'
"""Has a browser ask for the key."""


def bearer(headers: Headers) -> str:
    """The key in `Authorization: Bearer`, empty where there is none."""
    scheme, _, presented = headers.get("authorization", "").partition(" ")
    return presented.strip() if scheme.lower() == "bearer" else ""


def x_api_key(headers: Headers) -> str:
    """The key in `x-api-key`, where Anthropic's clients send it, or as a bearer token."""
    return headers.get("x-api-key", "") or bearer(headers)


def password(headers: Headers) -> str:
    """The password that a browser sends once it was asked for one, with whatever name of a user; empty without."""
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(sent, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def authenticate(presented: str, key: str, challenge: str = "Bearer") -> None:
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
        headers={"www-authenticate": challenge, "connection": "close"},
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
