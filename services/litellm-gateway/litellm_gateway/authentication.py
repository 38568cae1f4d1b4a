"""Where a request carries its key."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.datastructures import Headers

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
