"""Reading a request body that may be too large, and giving it to the inner application again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Message, Receive

SECONDS: Final = 60.0
"""How long a body may take to arrive."""


async def read(headers: Headers, receive: Receive, *, limit: int, seconds: float = SECONDS) -> bytes:
    """Read the whole body, at most `limit` bytes of it, within `seconds`.

    Raises a 413 as soon as the declared or the received length passes the limit, a 408 when the time is over, and
    `ClientDisconnect` when the client leaves before the end.
    """
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError:
        message = f"The body did not arrive within {seconds:g} seconds."
        raise RequestError(408, "request_timeout", message) from None


async def _read(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that delivers `body` first and then what comes from the client, such as its leaving."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def _too_large(limit: int) -> RequestError:
    message = f"The body is larger than {limit} bytes."
    return RequestError(413, "request_too_large", message)
