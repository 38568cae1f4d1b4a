"""LiteLLM's answer on its way to the client: few headers pass, and failures are told in the gateway's own words.

Bare, LiteLLM passes a provider's refusal on as if it were its own (a 401 then reads as "your key is wrong"), adds
tracebacks and configuration to the text, and answers 200 with the body `null` to a 422 of OpenAI.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import RequestError
from litellm_gateway.headers import RESPONSE_KEPT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Message, Send

    from litellm_gateway.headers import RawHeaders

_CLIENTS_FAULT: Final = frozenset({400, 413, 422})
_RATE_LIMITED: Final = 429
_TIMEOUT: Final = 408
_FIRST_ERROR: Final = 400
_LONGEST_TEXT: Final = 500
_STREAM: Final = b"text/event-stream"
_ERROR: Final = re.compile(rb'^(?:event: error\n)?data: \{(?:"type": ?"error", ?)?"error": ?\{', re.MULTILINE)
"""An event that tells of an error, as LiteLLM and Anthropic write it."""

_SILENT: Final = re.compile(rb"(?:event: (?:message_start|ping)\n(?:data: [^\n]*\n)?\n?)*")
"""Events at the beginning of Anthropic's streams, which say nothing yet."""

_EVENT: Final = re.compile(rb"\s*(?:event|data|id|retry)?:")
_LONGEST_FIELD: Final = len(b"event:")
"""How an event begins, or a comment between two; a provider's page about its troubles begins otherwise."""

_KINDS: Final = {"invalid_request_error": 400, "rate_limit_error": 429, "timeout_error": 408}
"""What LiteLLM calls errors of these statuses in a stream."""

_FAILED: Final = 500
_MOST_HELD: Final = 64 * 1024
"""Bytes of a stream that may say nothing."""

_BODY_FIELDS: Final = frozenset({b"content-type", b"content-length"})


class Answer:
    """A `send` for LiteLLM: good answers pass as they come, failures are held back, translated and given to `refuse`.

    A stream is held back until it says something, since LiteLLM begins some before it has asked the provider. An error
    later on, when the status is sent already, becomes the last event, which `event` makes.
    """

    def __init__(
        self, send: Send, refuse: Callable[[RequestError], Awaitable[None]], event: Callable[[RequestError], bytes]
    ) -> None:
        self._send = send
        self._refuse = refuse
        self._event = event
        self._start: Message = {}
        self._held: list[Message] = []
        self._handle: Callable[[Answer, Message], Awaitable[None]] = Answer._begin  # bound, it would be a cycle

    async def __call__(self, message: Message) -> None:
        """Take LiteLLM's next message."""
        await self._handle(self, message)

    async def _begin(self, message: Message) -> None:
        message["headers"] = [pair for pair in message.get("headers", ()) if pair[0].lower() in RESPONSE_KEPT]
        self._start, self._held = message, [message]
        if _fails(message):
            self._handle = Answer._fail
        elif any(name == b"content-type" and value.startswith(_STREAM) for name, value in message["headers"]):
            self._handle = Answer._wait
        else:
            self._handle = Answer._pass
            await self._send(message)

    async def _pass(self, message: Message) -> None:
        await self._send(message)

    async def _fail(self, message: Message) -> None:
        self._held.append(message)
        if not message.get("more_body", False):
            await self._refuse(translate(self._start["status"], _joined(self._held), self._start["headers"]))

    async def _wait(self, message: Message) -> None:
        """Until a stream says something."""
        self._held.append(message)
        said = _joined(self._held)
        if (found := _ERROR.search(said)) is not None:
            await self._give_up(_told(said[found.start() :], self._start["headers"]))
        elif (over := not message.get("more_body", False)) or not _SILENT.fullmatch(said):
            if _EVENT.match(said) is None:
                if over or len(said.lstrip()) >= _LONGEST_FIELD:
                    await self._give_up(translate(self._start["status"], said, self._start["headers"]))
                return
            self._handle = Answer._flow
            for each in self._held:
                await self._send(each)
        elif len(said) > _MOST_HELD:
            await self._give_up(translate(self._start["status"], b"", self._start["headers"]))

    async def _flow(self, message: Message) -> None:
        """The rest of a stream."""
        piece = message.get("body", b"")
        found = _ERROR.search(piece)
        if found is not None:
            self._handle = Answer._drop
            last = self._event(_told(piece[found.start() :], []))
            message = {**message, "body": piece[: found.start()] + last, "more_body": False}
        await self._send(message)

    async def _give_up(self, error: RequestError) -> None:
        self._handle = Answer._drop
        await self._refuse(error)

    async def _drop(self, message: Message) -> None:
        """What follows an error that was told."""


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
    reason = f"its last status was {status}" if status >= _FIRST_ERROR else "what it sent is no answer"
    message = f"The provider failed ({reason}), and no fallback answered."
    return RequestError(502, "provider_failed", message, kind="upstream_error", headers=kept)


def _told(event: bytes, headers: RawHeaders) -> RequestError:
    """The error that an event of a stream tells of."""
    data = event.partition(b"data: ")[2].partition(b"\n")[0]
    try:
        kind = str(json.loads(data)["error"]["type"])
    except (ValueError, KeyError, TypeError):
        kind = ""
    return translate(_KINDS.get(kind, _FAILED), data, headers)


def _joined(messages: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


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
