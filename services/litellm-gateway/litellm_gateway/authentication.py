"""Who may spend money here: whoever presents the gateway's key as a bearer token."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from starlette.datastructures import Headers

MASTER: Final = "master"
"""What whoever presents the gateway's own key is called."""


def authenticate(headers: Headers, key: str) -> None:
    """Raise a 401 unless `Authorization: Bearer` carries the key. Nothing but the headers is looked at.

    Digests are compared, in constant time, so neither the key's content nor its length can be measured.
    """
    scheme, _, presented = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(_digest(presented.strip()), _digest(key)):
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
