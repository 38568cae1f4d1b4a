"""Answers, well formed and broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable

from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from localcloud.core.faults import ClosedConnection
from localcloud.core.server import close_connection
from localcloud.models.behaviour import Behaviour
from localcloud.models.wire import Question, Reply, Wire

_EVENT_STREAM = "text/event-stream"
_LONGEST_PAUSE = 0.3


def behaved(behaviour: Behaviour, wire: Wire, question: Question) -> Response:
    """The answer of a provider that behaves like that."""
    match behaviour.kind:
        case "status":
            return _refusal(behaviour, wire)
        case "garbage":
            return HTMLResponse("<html><body>Something went wrong</body></html>")
        case "dead":
            return ClosedConnection(reset=True)
        case "hang":
            return Hanging()
    reply = Reply(question.model, behaviour.text, behaviour.prompt_tokens, behaviour.completion_tokens, behaviour.tool)
    if behaviour.kind == "cut_off":
        return _cut_off(wire, question, reply)
    return Slow(behaviour.seconds if behaviour.kind == "slow" else 0.0, wire, question, reply)


def _refusal(behaviour: Behaviour, wire: Wire) -> Response:
    headers = {} if behaviour.retry_after is None else {"Retry-After": str(behaviour.retry_after)}
    status, message = wire.key_refused
    if status != behaviour.status:
        message = f"This provider was told to answer {behaviour.status}."
    return JSONResponse(wire.error(behaviour.status, message), behaviour.status, headers)


def _cut_off(wire: Wire, question: Question, reply: Reply) -> Response:
    if question.stream:
        return CutOff(next(iter(wire.events(reply))), _EVENT_STREAM)
    body = json.dumps(wire.answer(reply)).encode()
    return CutOff(body[: len(body) // 2], "application/json", len(body))


class Slow(Response):
    """The answer after `seconds`, at once or as a stream that pauses between its events."""

    def __init__(self, seconds: float, wire: Wire, question: Question, reply: Reply) -> None:
        super().__init__()
        self._seconds = seconds
        pause = min(seconds, _LONGEST_PAUSE)
        self._answer = (
            StreamingResponse(_paced(wire.events(reply), pause), media_type=_EVENT_STREAM)
            if question.stream
            else JSONResponse(wire.answer(reply))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the ASGI call."""
        await asyncio.sleep(self._seconds)
        await self._answer(scope, receive, send)


class Hanging(Response):
    """No answer as long as the caller waits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - sends nothing
        """Wait until the connection of the ASGI call is closed."""
        while (await receive())["type"] != "http.disconnect":
            pass


class CutOff(Response):
    """The beginning of an answer, then the end of the connection; `length` is the length it claimed to have."""

    def __init__(self, beginning: bytes, media_type: str, length: int | None = None) -> None:
        super().__init__()
        self._beginning = beginning
        self._head = [(b"content-type", media_type.encode())]
        if length is not None:
            self._head.append((b"content-length", str(length).encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to answer the ASGI call and close its connection."""
        await send({"type": "http.response.start", "status": 200, "headers": self._head})
        await send({"type": "http.response.body", "body": self._beginning, "more_body": True})
        await close_connection(scope, receive)


async def _paced(events: Iterable[bytes], pause: float) -> AsyncIterator[bytes]:
    for number, one in enumerate(events):
        if number:
            await asyncio.sleep(pause)
        yield one
