"""LiteLLM's answers on their way to the client."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from typing import TYPE_CHECKING

import pytest
from litellm_gateway import answers

if TYPE_CHECKING:
    from litellm_gateway.errors import RequestError
    from starlette.types import Message

    from .conftest import Call, Inner

pytestmark = pytest.mark.unit

BEARER = {"authorization": "Bearer sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9"}
REQUEST = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}'


def failing(inner: Inner, status: int, *pieces: bytes) -> None:
    inner.status, inner.body = status, pieces or (b'{"error":{"message":"trace sk-provider"}}',)
    inner.headers = {
        "content-type": "application/json",
        "content-length": str(sum(map(len, inner.body))),
        "x-litellm-call-id": "call-1",
        "retry-after": "7",
    }


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [
        (401, 502, "provider_failed"),
        (403, 502, "provider_failed"),
        (404, 502, "provider_failed"),
        (408, 504, "provider_timeout"),
        (429, 429, "rate_limit_exceeded"),
        (500, 502, "provider_failed"),
        (529, 502, "provider_failed"),
    ],
)
def test_failures_are_told_in_the_gateways_own_words(
    call: Call, inner: Inner, status: int, answered: int, code: str
) -> None:
    failing(inner, status)
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    assert answer.status == answered
    assert json.loads(answer.body)["error"]["code"] == code
    assert b"sk-provider" not in answer.body
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["x-litellm-call-id"] == "call-1"
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-gateway-deployment"] == "deployment-1"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_the_clients_own_mistake_is_told_by_its_first_line(call: Call, inner: Inner, status: int) -> None:
    text = json.dumps({"error": {"message": "temperature: too hot\nTraceback (most recent call last):"}}).encode()
    failing(inner, status, text[:10], text[10:])
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    assert answer.status == 400
    assert json.loads(answer.body)["error"] == {
        "message": "temperature: too hot",
        "type": "invalid_request_error",
        "param": None,
        "code": "rejected_by_provider",
    }


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"error":"x"}', b'{"error":{"message":""}}', b"\xff"])
def test_a_mistake_without_a_text_is_told_all_the_same(body: bytes) -> None:
    error = answers.translate(400, body, []).body["error"]
    assert error["message"] == "The provider refused the request as invalid."


def test_a_long_text_is_cut() -> None:
    body = json.dumps({"error": {"message": "x" * 10_000}}).encode()
    assert len(str(answers.translate(400, body, []).body["error"]["message"])) == 500


def test_null_is_no_answer(call: Call, inner: Inner) -> None:
    failing(inner, 200, b"null")
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (502, "provider_failed")


START = b'event: message_start\ndata: {"type":"message_start"}\n\n'
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
SAID = b'event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n'
LIMITED = (
    b'event: error\ndata: {"type": "error", "error": {"type": "rate_limit_error", "message": "litellm trace"}}\n\n'
)
MESSAGE = b'{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}'


def streaming(inner: Inner, *pieces: bytes) -> None:
    inner.headers = {"content-type": "text/event-stream; charset=utf-8"}
    inner.body = pieces


@pytest.mark.parametrize("pieces", [(START, SAID, SAID), (START + PING + SAID,), (SAID,), (START,), (START, PING, b"")])
def test_a_stream_passes_as_it_is(call: Call, inner: Inner, pieces: tuple[bytes, ...]) -> None:
    streaming(inner, *pieces)
    answer = call("POST", "/v1/messages", [MESSAGE], BEARER)
    assert (answer.status, answer.body) == (200, b"".join(pieces))


@pytest.mark.parametrize("pieces", [(LIMITED,), (START, LIMITED), (START, PING, LIMITED, SAID), (START + LIMITED, b"")])
def test_a_stream_that_says_nothing_but_an_error_is_no_stream(
    call: Call, inner: Inner, pieces: tuple[bytes, ...]
) -> None:
    streaming(inner, *pieces)
    answer = call("POST", "/v1/messages", [MESSAGE], BEARER)
    assert (answer.status, answer.headers["content-type"]) == (429, "application/json")
    assert json.loads(answer.body)["error"]["type"] == "rate_limit_error"
    assert b"trace" not in answer.body


@pytest.mark.parametrize(
    ("kind", "status"), [("invalid_request_error", 400), ("timeout_error", 504), ("overloaded_error", 502)]
)
def test_a_stream_that_is_an_error_has_its_status(call: Call, inner: Inner, kind: str, status: int) -> None:
    streaming(inner, LIMITED.replace(b"rate_limit_error", kind.encode()))
    assert call("POST", "/v1/messages", [MESSAGE], BEARER).status == status


@pytest.mark.parametrize(
    "pieces",
    [
        (START, *[PING * 1000] * 2, SAID),
        (b"<html>trace</html>",),
        (b"<h", b"tml>trace</html>", b""),
        (b"",),
        (b"<h", b""),
        (b"no", b" events"),
    ],
)
def test_a_page_in_the_place_of_a_stream_is_no_answer(call: Call, inner: Inner, pieces: tuple[bytes, ...]) -> None:
    streaming(inner, *pieces)
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (502, "provider_failed")
    assert b"trace" not in answer.body


@pytest.mark.parametrize(
    "pieces", [(b"da", b"ta: {}\n\n"), (b": hello\n\n", b"data: {}\n\n"), (b"\n", b"e", b"vent: a\n\n")]
)
def test_a_stream_may_come_in_pieces_of_any_size(call: Call, inner: Inner, pieces: tuple[bytes, ...]) -> None:
    streaming(inner, *pieces)
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    assert (answer.status, answer.body) == (200, b"".join(pieces))


def test_an_error_within_a_stream_is_its_last_event_and_in_the_gateways_words(call: Call, inner: Inner) -> None:
    streaming(inner, START, SAID, LIMITED, SAID)
    answer = call("POST", "/v1/messages", [MESSAGE], BEARER)
    told = answer.body.removeprefix(START + SAID)
    assert told.startswith(b"event: error\ndata: ")
    assert b"trace" not in told
    assert b"content_block" not in told
    streaming(
        inner, b'data: {"choices":[]}\n\n', b'data: {"error": {"message": "trace", "code": "500"}}\n\n', b"data: [DONE]"
    )
    answer = call("POST", "/v1/chat/completions", [REQUEST], BEARER)
    pieces = answer.body.split(b"\n\n")
    assert pieces[0] == b'data: {"choices":[]}'
    assert json.loads(pieces[1].removeprefix(b"data: "))["error"]["code"] == "provider_failed"
    assert pieces[2:] == [b""]


def test_an_error_within_a_stream_ends_the_answer() -> None:
    sent: list[Message] = []

    async def take(message: Message) -> None:
        sent.append(message)

    async def refuse(error: RequestError) -> None:
        raise error

    async def stream() -> None:
        answer = answers.Answer(take, refuse, lambda error: error.event())
        await answer(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
        )
        for piece in (b"data: {}\n\n", LIMITED, SAID):
            await answer({"type": "http.response.body", "body": piece, "more_body": True})

    asyncio.run(stream())
    assert [message.get("more_body") for message in sent] == [None, True, False]


def test_what_a_model_says_of_errors_is_no_error(call: Call, inner: Inner) -> None:
    quoted = json.dumps({"choices": [{"delta": {"content": 'x\ndata: {"error": {"message"'}}]})
    streaming(inner, b"data: " + quoted.encode() + b"\n\n")
    assert call("POST", "/v1/chat/completions", [REQUEST], BEARER).body == b"data: " + quoted.encode() + b"\n\n"


@pytest.mark.parametrize(("kind", "piece"), [(b"application/json", b"{}"), (b"text/event-stream", b"data: {}\n\n")])
def test_an_answer_that_is_over_is_no_work_for_the_garbage_collector(kind: bytes, piece: bytes) -> None:
    sent: list[Message] = []

    async def take(message: Message) -> None:
        sent.append(message)

    async def refuse(error: RequestError) -> None:
        raise error

    def begin() -> weakref.ref[answers.Answer]:
        answer = answers.Answer(take, refuse, lambda error: error.event())
        headers = [(b"content-type", kind)]
        asyncio.run(answer({"type": "http.response.start", "status": 200, "headers": headers}))
        asyncio.run(answer({"type": "http.response.body", "body": piece, "more_body": False}))
        return weakref.ref(answer)

    gc.disable()
    try:
        assert begin()() is None
    finally:
        gc.enable()
    assert sent[-1]["body"] == piece
