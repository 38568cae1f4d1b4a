"""Clients that are slow on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from litellm_gateway.connections import Connection
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

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

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

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


def talk(*steps: Step) -> Wire:
    """Carry out the steps of a client, with a pause that is short for a hurried connection after each."""
    wire = Wire()

    async def talked() -> None:
        connection = Hurried(uvicorn.Config(hello, log_config=None, ws="none"), ServerState(), {})
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
    assert not talk(whole, Hurried.pause_writing, Hurried.resume_writing).aborted


def test_what_is_no_http_is_told_in_the_shape_of_all_errors() -> None:
    wire = talk(say(b"HELO gateway\r\n\r\n"))
    head, _, body = wire.written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "invalid_http"
    assert wire.closed
