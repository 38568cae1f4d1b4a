"""What the client makes of connections that fail, break, drag on or swell; time is a number here."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from gateway.acceptance.client import CONNECT_SECONDS, LARGEST_BODY, Gateway
from gateway.acceptance.connection import trouble
from gateway.acceptance.settings import Limits
from gateway.acceptance.verdict import CheckFailedError, UndecidedError
from tests.unit.acceptance.conftest import Clock, Handler

pytestmark = pytest.mark.unit

MakeGateway = Callable[[Handler], Gateway]


def test_an_answer_is_kept_whole(gateway: MakeGateway) -> None:
    headers = {"x-gateway-deployment": "d-1", "x-litellm-call-id": "c-1", "x-request-id": "r-1"}
    asked = gateway(lambda request: httpx.Response(201, json={"path": request.url.path}, headers=headers))
    answer = asked.get("/health")
    assert (answer.status, answer.json(), answer.deployment, answer.request_id) == (
        201,
        {"path": "/health"},
        "d-1",
        "c-1",
    )
    assert asked.journal == [answer]


def test_the_key_goes_only_where_it_is_given(gateway: MakeGateway) -> None:
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200)

    asked = gateway(handler)
    asked.get("/health")
    asked.send("POST", "/v1/chat/completions", {}, asked.key)
    assert seen == [None, "Bearer sk-1"]


def test_no_key_is_undecided(clock: Clock) -> None:
    with pytest.raises(UndecidedError, match="GATEWAY_API_KEY is not set"):
        _ = Gateway("https://gateway.example", None, Limits(), clock=clock).key


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.ProxyError("no")])
def test_a_connection_that_does_not_come_about_is_undecided(gateway: MakeGateway, error: httpx.HTTPError) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(UndecidedError, match=r"https://gateway\.example is not reached: no"):
        gateway(handler).get("/health")


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (socket.gaierror(-2, "Name or service not known"), "DNS"),
        (ssl.SSLError("wrong version number"), "TLS"),
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "in time"),
    ],
)
def test_the_reason_is_found_below_the_error(cause: Exception, says: str) -> None:
    error = httpx.ConnectError("all attempts failed")
    error.__context__ = RuntimeError()
    error.__context__.__cause__ = cause
    assert says in trouble(error)


def test_an_error_without_words_is_named() -> None:
    assert trouble(httpx.ConnectError("")) == "ConnectError"


def test_a_broken_connection_is_tried_again(gateway: MakeGateway) -> None:
    calls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request.content.decode())
        if len(calls) == 1:
            raise httpx.RemoteProtocolError("closed")
        return httpx.Response(200)

    assert gateway(handler).send("POST", "/x", {"a": 1}).status == 200
    assert calls == ['{"a":1}', '{"a":1}']


def test_a_connection_that_breaks_twice_is_a_failure(gateway: MakeGateway) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    with pytest.raises(CheckFailedError, match="GET /x: the connection broke"):
        gateway(handler).get("/x")


def test_silence_is_a_failure(gateway: MakeGateway) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == 60.0
        assert request.extensions["timeout"]["connect"] == CONNECT_SECONDS
        raise httpx.ReadTimeout("silence")

    with pytest.raises(CheckFailedError, match="GET /x: no complete answer within 60 s"):
        gateway(handler).get("/x")


def test_silence_until_the_time_for_all_is_over_is_undecided(gateway: MakeGateway, clock: Clock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        clock.now += request.extensions["timeout"]["read"]
        raise httpx.ReadTimeout("silence")

    asked = gateway(handler)
    clock.now += 90
    with pytest.raises(UndecidedError, match="time limit of 100 s"):
        asked.get("/x")
    with pytest.raises(UndecidedError, match="time limit of 100 s"):
        asked.get("/x")


def test_an_answer_that_trickles_is_a_failure(gateway: MakeGateway, clock: Clock) -> None:
    def drops() -> Iterator[bytes]:
        while True:
            clock.now += 7
            yield b"."

    with pytest.raises(CheckFailedError, match="no complete answer within 60 s"):
        gateway(lambda request: httpx.Response(200, content=drops())).get("/x")


def test_an_answer_that_swells_is_a_failure(gateway: MakeGateway) -> None:
    def flood() -> Iterator[bytes]:
        while True:
            yield b"." * (LARGEST_BODY // 2)

    with pytest.raises(CheckFailedError, match="more than"):
        gateway(lambda request: httpx.Response(200, content=flood())).get("/x")


def test_a_body_that_is_not_encoded_as_said_is_a_failure(gateway: MakeGateway) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"plain"))

    with pytest.raises(CheckFailedError, match="not encoded"):
        gateway(handler).get("/x")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_json_is_none(gateway: MakeGateway, body: bytes) -> None:
    assert gateway(lambda request: httpx.Response(200, content=body)).get("/x").json() is None
