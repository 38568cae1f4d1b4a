"""One client's connection: uvicorn's, but nobody may hold it open by being slow.

uvicorn bounds the time between two requests alone. A request's head has to arrive in time too, and an answer has to be
taken; the body's time is bounded where it is read. Nor may strangers hold so many that nobody else gets one: the one
that has been idle longest gives way.
"""

from __future__ import annotations

import asyncio
import json
import math
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from litellm_gateway.errors import RequestError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take, from the connection or from its first byte."""

TAKING_SECONDS: Final = 60.0
"""How long a client may leave an answer untaken, with as much of it on the way as the buffers hold."""

MOST: Final = 512
"""Connections that a process has at a time; so many files it may open anywhere."""

WHOLE: Final = "gateway.whole"
"""The key in a request's scope that says whether its body is here, to its end."""

_BUSY: Final = "The gateway has as many connections as it can. Send the request again in a moment."


class Connection(H11Protocol):
    """Closes on a head that does not come and on an answer that is not taken.

    `tell` is called with every refusal of what no application gets to see. `idle_since` tells since when no request is
    here as a whole and no answer on its way, infinite while there is one: who is idle longest has to be found fast.
    """

    head_seconds = HEAD_SECONDS
    taking_seconds = TAKING_SECONDS
    most = MOST

    @staticmethod
    def tell(refused: RequestError) -> None:
        """Nobody is told, unless a server says whom."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; its request has to follow."""
        super().connection_made(transport)
        self._head = _Timer(self.loop, self.head_seconds, transport.abort)
        self._taking = _Timer(self.loop, self.taking_seconds, transport.abort)
        self._head.start()
        self.idle_since = math.inf
        transport.set_write_buffer_limits(high=0)  # so that whatever is not taken is noticed, and be it a byte
        if len(self.connections) > self.most:
            self._make_room()
        self._look_idle()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, whose head may be whole by now or have just begun."""
        super().data_received(data)
        if self.scope is not None:
            whole = self.conn.their_state in {h11.DONE, h11.MUST_CLOSE}
            self.scope[WHOLE] = whole  # type: ignore[typeddict-unknown-key] # a key of ours
        if self.conn.their_state is h11.IDLE:
            self._head.start()
        else:
            self._head.stop()
            self.idle_since = math.inf

    def pause_writing(self) -> None:
        """The buffers are full: the client has to take something."""
        super().pause_writing()
        self._taking.start()
        self.idle_since = math.inf

    def resume_writing(self) -> None:
        """The client has taken enough to go on."""
        super().resume_writing()
        self._taking.stop()
        self._look_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed, by whomever."""
        self._head.stop()
        self._taking.stop()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """An answer is over; the next request may come."""
        super().on_response_complete()
        self._look_idle()

    def send_400_response(self, msg: str) -> None:
        """Say that this is no HTTP, and close."""
        self._refuse(invalid("invalid_http", msg))

    def _make_room(self) -> None:
        """Close the connection that has been idle longest; this one where none is."""
        longest = min(self.connections, key=attrgetter("idle_since"))
        if isinstance(longest, Connection) and longest.idle_since < math.inf:
            longest.transport.abort()
            longest.idle_since = math.inf
        else:
            self._refuse(RequestError(503, "overloaded", _BUSY, kind="api_error", headers={"retry-after": "1"}))

    def _look_idle(self) -> None:
        """Idle from now on, unless a request is here already, or an answer waits to be taken, or this is the end."""
        waiting = self.conn.their_state is h11.IDLE and not self.flow.write_paused
        if waiting and not self.transport.is_closing():
            self.idle_since = self.loop.time()

    def _refuse(self, error: RequestError) -> None:
        """Answer in the shape of all other errors, where no answer has begun, and close."""
        if self.conn.our_state is h11.IDLE:
            self.tell(error)
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = json.dumps(error.body).encode()
            own = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
            headers = list({**own, **(error.headers or {})}.items())
            reason = HTTPStatus(error.status).phrase.encode()
            head = h11.Response(status_code=error.status, headers=headers, reason=reason)
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def telling(tell: Callable[[RequestError], None]) -> type[Connection]:
    """Connections that call `tell` with their refusals."""
    return type("TellingConnection", (Connection,), {"tell": staticmethod(tell)})


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
