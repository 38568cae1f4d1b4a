"""LiteLLM's answer on its way to the client: few headers pass, and failures are told in the gateway's own words.

Bare, LiteLLM passes a provider's refusal on as if it were its own (a 401 then reads as "your key is wrong"), adds
tracebacks and configuration to the text, and answers 200 with the body `null` to a 422 of OpenAI.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import RequestError
from litellm_gateway.headers import RESPONSE_KEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Scope, Send

    from litellm_gateway.headers import RawHeaders

_CLIENTS_FAULT: Final = frozenset({400, 413, 422})
_RATE_LIMITED: Final = 429
_TIMEOUT: Final = 408
_FIRST_ERROR: Final = 400
_LONGEST_TEXT: Final = 500
_BODY_FIELDS: Final = frozenset({b"content-type", b"content-length"})


def for_client(scope: Scope, receive: Receive, send: Send, refusal: Callable[[], RequestError | None]) -> Send:
    """A `send` for LiteLLM: good answers pass as they come, failures are held back and translated.

    `refusal` gives the gateway's own reason for a failure, where there is one.
    """
    failing: list[Message] = []
    body = bytearray()

    async def filtered(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [pair for pair in message.get("headers", ()) if pair[0].lower() in RESPONSE_KEPT]
            if _fails(message):
                failing.append(message)
                return
        if not failing:
            await send(message)
            return
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            start = failing[0]
            error = refusal() or translate(start["status"], bytes(body), start["headers"])
            scope["record"].code = error.code
            await error.response()(scope, receive, send)

    return filtered


def translate(status: int, body: bytes, headers: RawHeaders) -> RequestError:
    """The error that a client gets for LiteLLM's failing answer; its headers are kept, but for the body's."""
    kept = {name.decode(): value.decode() for name, value in headers if name.lower() not in _BODY_FIELDS}
    if status in _CLIENTS_FAULT:
        return RequestError(400, "rejected_by_provider", _first_line(body), headers=kept)
    if status == _RATE_LIMITED:
        message = "The provider's rate limit is reached, and no fallback answered. Try again later."
        return RequestError(429, "rate_limit_exceeded", message, kind="rate_limit_error", headers=kept)
    if status == _TIMEOUT:
        message = "The provider did not answer in time, and no fallback answered."
        return RequestError(504, "provider_timeout", message, kind="upstream_error", headers=kept)
    reason = f"its last status was {status}" if status >= _FIRST_ERROR else "its answer was empty"
    message = f"The provider failed ({reason}), and no fallback answered."
    return RequestError(502, "provider_failed", message, kind="upstream_error", headers=kept)


def _fails(start: Message) -> bool:
    """Whether an answer is an error or announces the length of `null`."""
    return start["status"] >= _FIRST_ERROR or (b"content-length", b"4") in start["headers"]


def _first_line(body: bytes) -> str:
    """What the provider objects to; LiteLLM appends tracebacks and configuration on further lines."""
    try:
        text = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        text = ""
    first = str(text).partition("\n")[0][:_LONGEST_TEXT]
    return first or "The provider refused the request as invalid."
