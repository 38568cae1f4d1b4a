"""Clients that are slow on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from litellm_gateway.connections import Connection
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

pytestmark = pytest.mark.unit


class Hurried(Connection):
    head_seconds = 0.05
    taking_seconds = 0.05


class Wire(asyncio.Transport):
    """The far end of a connection: keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = self.closed = False
        self.buffered: int | None = None
        self.stuck: Callable[[], None] | None = None

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.buffered = high

    def pause_reading(self) -> None:
        """Nothing more is sent in these tests."""

    def resume_reading(self) -> None:
        """Nothing waits to be sent."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)
        if self.stuck and self.written.endswith(b"hi"):
            self.stuck()

    def abort(self) -> None:
        self.aborted = True

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


Step = Callable[[Hurried], None]


def talk(*steps: Step, app: ASGIApp = hello) -> Wire:
    """Carry out the steps of a client, with a pause that is short for a hurried connection after each."""
    wire = Wire()

    async def talked() -> None:
        connection = Hurried(uvicorn.Config(app, log_config=None, ws="none"), ServerState(), {})
        connection.connection_made(wire)
        for step in steps:
            step(connection)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.06)

    asyncio.run(talked())
    return wire


def say(text: bytes) -> Step:
    return lambda connection: connection.data_received(text)


def test_a_client_that_says_nothing_is_dropped() -> None:
    assert talk().aborted


def test_a_head_that_comes_byte_by_byte_is_dropped() -> None:
    drips = [say(b"GET / HTTP/1.1\r\n"), *(say(b"x-a: b\r\n") for _ in range(5))]
    wire = talk(*drips)
    assert (wire.aborted, wire.written) == (True, b"")


def test_a_whole_head_is_answered_and_the_next_one_is_timed_too() -> None:
    whole = say(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert (wire := talk(whole)).written.endswith(b"hi")
    assert not wire.aborted
    assert talk(whole, say(b"GET / HT")).aborted


def test_an_answer_that_is_not_taken_is_dropped() -> None:
    whole = say(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert talk(whole, Hurried.pause_writing).aborted
    assert talk(whole).buffered == 0, "so writing is paused by the first byte that waits"
    assert not talk(whole, Hurried.pause_writing, Hurried.resume_writing).aborted


class Crowded(Hurried):
    most = 2


def crowd(app: ASGIApp, *steps: tuple[int, Step], comers: int = 1) -> list[Wire]:
    """As many clients as may be, who take these steps, and some more at once who say nothing yet."""
    wires = [Wire() for _ in range(Crowded.most + comers)]

    async def come() -> None:
        state, config = ServerState(), uvicorn.Config(app, log_config=None, ws="none")
        connections = [Crowded(config, state, {}) for _ in wires]
        for connection, wire in zip(connections[: Crowded.most], wires, strict=False):
            connection.connection_made(wire)
            await asyncio.sleep(0.005)
        for place, step in steps:
            step(connections[place])
            await asyncio.sleep(0.005)
        for connection, wire in list(zip(connections, wires, strict=True))[Crowded.most :]:
            connection.connection_made(wire)

    asyncio.run(come())
    return wires


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(1)


ASK, BEGIN = say(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"), say(b"GET / HT")
ANSWERS_WAIT, ALL_TAKEN = Hurried.pause_writing, Hurried.resume_writing


def take_nothing(connection: Hurried) -> None:
    """From now on the end of each answer waits."""
    wire = connection.transport
    assert isinstance(wire, Wire)
    wire.stuck = connection.pause_writing


@pytest.mark.parametrize(
    ("app", "steps", "gone"),
    [
        (hello, [(0, ASK), (1, ASK)], 0),
        (hello, [(1, ASK), (0, ASK)], 1),
        (hello, [(0, BEGIN), (1, ASK)], 0),
        (hello, [(0, ASK), (0, BEGIN), (1, ASK)], 0),
        (never, [(0, ASK), (1, BEGIN)], 1),
        (hello, [(0, ASK), (1, ASK), (0, ANSWERS_WAIT)], 1),
        (hello, [(0, ASK), (1, ASK), (0, ANSWERS_WAIT), (0, ALL_TAKEN)], 1),
        (hello, [(0, ANSWERS_WAIT), (0, ASK), (0, ALL_TAKEN), (1, ASK)], 0),
        (hello, [(0, take_nothing), (0, ASK), (1, ASK)], 1),
        (never, [(0, ANSWERS_WAIT), (0, ASK), (0, ALL_TAKEN), (1, BEGIN)], 1),
    ],
)
def test_one_client_too_many_takes_the_place_of_the_one_that_is_idle_longest(
    app: ASGIApp, steps: list[tuple[int, Step]], gone: int
) -> None:
    wires = crowd(app, *steps)
    assert [wire.aborted for wire in wires] == [place == gone for place in range(3)]
    assert not wires[-1].closed


def test_each_of_many_at_once_takes_a_place_of_its_own() -> None:
    wires = crowd(hello, comers=4)
    assert [wire.aborted for wire in wires] == [True] * 4 + [False] * 2
    assert not any(wire.closed for wire in wires[-2:])


def test_where_nobody_is_idle_the_last_one_is_told_to_come_again() -> None:
    wires = crowd(never, (0, ASK), (1, ASK), comers=2)
    assert not any(wire.aborted for wire in wires)
    assert all(wire.closed for wire in wires[-2:])
    last = wires[-1]
    head, _, body = last.written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1" in head
    assert json.loads(body)["error"]["code"] == "overloaded"


def test_what_no_application_sees_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Hurried, "tell", staticmethod(lambda refused: told.append(refused.code)))
    talk(say(b"HELO gateway\r\n\r\n"), say(b"HELO again\r\n\r\n"))
    assert told == ["invalid_http"]
    crowd(never, (0, ASK), (1, ASK))
    assert told == ["invalid_http", "overloaded"]
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    assert talk(say(head), say(b"no size\r\n"), app=never).written.startswith(b"HTTP/1.1 400 ")
    assert told == ["invalid_http", "overloaded"], "the application has this one, and tells of it"


def test_the_host_is_needed_but_for_http_1_0_whose_streams_end_with_the_connection() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for more in (True, False):
            await send({"type": "http.response.body", "body": b"piece ", "more_body": more})

    assert talk(say(b"GET / HTTP/1.1\r\n\r\n"), app=stream).written.startswith(b"HTTP/1.1 400 ")
    wire = talk(say(b"GET / HTTP/1.0\r\n\r\n"), app=stream)
    assert wire.written.endswith(b"\r\n\r\npiece piece ")
    assert b"chunked" not in wire.written
    assert wire.closed


def test_what_is_no_http_is_told_in_the_shape_of_all_errors() -> None:
    wire = talk(say(b"HELO gateway\r\n\r\n"))
    head, _, body = wire.written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "invalid_http"
    assert wire.closed


def test_a_head_without_an_end_is_refused() -> None:
    wire = talk(say(b"GET / HTTP/1.1\r\nx-a: "), *[say(b"b" * 30_000)] * 3)
    assert wire.written.startswith(b"HTTP/1.1 400 ")
    assert wire.closed


def test_requests_that_do_not_wait_for_their_turn_are_answered_in_turn() -> None:
    wire = talk(say(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" * 3))
    assert wire.written.count(b"hi") == 3
    assert not wire.aborted


def test_a_connection_that_asks_for_another_protocol_stays_with_this_one() -> None:
    head = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\ncontent-length: 27\r\n\r\n"
    assert talk(say(head), say(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")).written.count(b"hi") == 1


def test_an_answer_that_has_begun_is_not_mixed_with_a_refusal() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await asyncio.sleep(1)

    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    wire = talk(say(head), say(b"no size\r\n"), app=endless)
    assert b"400" not in wire.written
    assert wire.closed


@given(text=st.binary(max_size=60), pieces=st.integers(1, 4), start=st.sampled_from([b"", b"GET / HTTP/1.1\r\n"]))
@settings(max_examples=30)
def test_any_bytes_are_answered_or_dropped(text: bytes, pieces: int, start: bytes) -> None:
    sent = start + text
    size = len(sent) // pieces + 1
    wire = talk(*(say(sent[at : at + size]) for at in range(0, len(sent), size)))
    assert wire.aborted or wire.closed or wire.written.startswith(b"HTTP/1.1 ")
