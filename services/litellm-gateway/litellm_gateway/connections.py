"""One client's connection: uvicorn's, but nobody may hold it open by being slow, or fill the memory with a head.

uvicorn bounds the time between two requests alone. A request's head has to arrive in time too, and an answer has to be
taken; the body is bounded where it is read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from litellm_gateway.errors import invalid

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take, from the connection or from its first byte."""

HEAD_BYTES: Final = 64 * 1024
"""How long the head of a request may be, where it comes in pieces."""

TAKING_SECONDS: Final = 60.0
"""How long a client may leave an answer untaken, with as much of it on the way as the buffers hold."""


class Connection(HttpToolsProtocol):
    """Closes on a head that does not come or does not end, and on an answer that is not taken."""

    head_seconds = HEAD_SECONDS
    taking_seconds = TAKING_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; its request has to follow."""
        super().connection_made(transport)
        self._head = _Timer(self.loop, self.head_seconds, transport.abort)
        self._taking = _Timer(self.loop, self.taking_seconds, transport.abort)
        self._head_is_whole = False
        self._head_bytes = 0
        self._head.start()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, whose head may be whole by now or have just begun."""
        super().data_received(data)
        if self._head_is_whole:
            self._head.stop()
            return
        self._head.start()
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The head of a request may be {HEAD_BYTES} bytes long.")

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._head_is_whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head; one that follows a body is not taken."""
        if not self._head_is_whole:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The last byte of a head."""
        self._head_is_whole, self._head_bytes = True, 0
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """The buffers are full: the client has to take something."""
        super().pause_writing()
        self._taking.start()

    def resume_writing(self) -> None:
        """The client has taken enough to go on."""
        super().resume_writing()
        self._taking.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed, by whomever."""
        self._head.stop()
        self._taking.stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say in the shape of all other errors that this is no HTTP, and close."""
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering:
            body = json.dumps(invalid("invalid_http", msg).body)
            lines = ("HTTP/1.1 400 Bad Request", "content-type: application/json", f"content-length: {len(body)}")
            self.transport.write("\r\n".join((*lines, "connection: close", "", body)).encode())
        self.transport.close()


class _Timer:
    """Does something after `seconds`, unless it is stopped before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, action: Callable[[], None]) -> None:
        self._loop, self._seconds, self._action = loop, seconds, action
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to count; one that counts already goes on."""
        self._handle = self._handle or self._loop.call_later(self._seconds, self._action)

    def stop(self) -> None:
        """Count no longer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
