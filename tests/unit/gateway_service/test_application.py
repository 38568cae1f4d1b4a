"""The ASGI application around a stand-in for LiteLLM."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from litellm_gateway import body
from litellm_gateway.clients import Client, digest
from litellm_gateway.connections import WHOLE
from litellm_gateway.errors import RequestError
from starlette.datastructures import Headers

from .conftest import exchange

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway
    from litellm_gateway.budget.meter import Meter
    from starlette.types import Message, Receive, Scope, Send

    from .conftest import Answer, Call, Inner

pytestmark = pytest.mark.unit

KEY = "sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
CHAT = "/v1/chat/completions"
BEARER = {"authorization": f"Bearer {KEY}"}
REQUEST = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}'


def error(answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    assert list(body) == ["error"]
    assert list(body["error"]) == ["message", "type", "param", "code"]
    error: dict[str, Any] = body["error"]
    return error


def test_health_says_starting_until_models_are_loaded(call: Call, make_gateway: Callable[..., Gateway]) -> None:
    answer = call("GET", "/health", gateway=make_gateway(served=()))
    assert (answer.status, answer.body) == (503, b'{"status":"starting","models":[]}')
    answer = call("GET", "/health")
    assert (answer.status, answer.body) == (200, b'{"status":"healthy","models":["claude-sonnet","gpt-4o"]}')


@pytest.mark.parametrize("path", ["/", "/HEALTH", "/health/", "/v1/chat/completions/x", "/ui", "/metrics/x", ""])
def test_other_paths_do_not_exist(call: Call, inner: Inner, path: str) -> None:
    answer = call("GET", path, headers=BEARER)
    assert (answer.status, error(answer)["code"]) == (404, "not_found")
    assert not inner.scopes


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/health", "GET, HEAD"),
        ("DELETE", "/v1/models", "GET, HEAD"),
        ("GET", CHAT, "POST"),
        ("OPTIONS", CHAT, "POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(call: Call, method: str, path: str, allow: str) -> None:
    answer = call(method, path, headers=BEARER)
    assert (answer.status, error(answer)["code"], answer.headers["allow"]) == (405, "method_not_allowed", allow)


@pytest.mark.parametrize(
    "authorization",
    [None, "", KEY, f"Bearer{KEY}", f"Basic {KEY}", "Bearer ", f"Bearer {KEY[:-1]}", f"Bearer {KEY}x", "Bearer sk-ü"],
)
def test_without_the_key_the_body_is_not_even_read(call: Call, inner: Inner, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = call("POST", CHAT, [REQUEST], headers)
    assert (answer.status, error(answer)["code"]) == (401, "invalid_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.pieces_read == 0
    assert not inner.scopes


@pytest.mark.parametrize("authorization", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY} "])
def test_the_scheme_is_read_in_any_case(call: Call, authorization: str) -> None:
    assert call("POST", CHAT, [REQUEST], {"authorization": authorization}).status == 200


def test_a_body_announced_too_large_is_not_read(call: Call, inner: Inner) -> None:
    answer = call("POST", CHAT, [REQUEST], {**BEARER, "content-length": "1001"})
    assert (answer.status, error(answer)["code"]) == (413, "request_too_large")
    assert answer.headers["connection"] == "close"
    assert answer.pieces_read == 0
    assert not inner.scopes


def test_a_body_is_read_no_further_than_the_cap(call: Call, inner: Inner) -> None:
    answer = call("POST", CHAT, [b"x" * 400] * 10, BEARER)
    assert answer.status == 413
    assert answer.pieces_read == 3
    assert not inner.scopes


def test_a_body_of_exactly_the_cap_passes(call: Call) -> None:
    padded = REQUEST[:-1] + b" " * (1000 - len(REQUEST)) + b"}"
    assert call("POST", CHAT, [padded[:500], padded[500:]], {**BEARER, "content-length": "1000"}).status == 200


def test_a_client_that_leaves_gets_nothing(call: Call, inner: Inner) -> None:
    answer = call("POST", CHAT, [], BEARER)
    assert answer.status == 0
    assert not inner.scopes


def test_litellm_gets_a_checked_body_few_headers_and_no_query(call: Call, inner: Inner) -> None:
    headers = {**BEARER, "user-agent": "test", "x-litellm-timeout": "1", "x-api-key": "other", "cookie": "a=b"}
    answer = call("POST", CHAT, [REQUEST[:20], REQUEST[20:]], headers, query_string=b"model=claude-sonnet")
    assert answer.status == 200
    body = json.loads(inner.bodies[0])
    assert body == {**json.loads(REQUEST), "max_tokens": 50}
    scope = inner.scopes[0]
    assert scope["query_string"] == b""
    sent = dict(scope["headers"])
    uuid.UUID(sent.pop(b"x-litellm-call-id").decode())
    assert sent == {
        b"user-agent": b"test",
        b"authorization": b"Bearer " + KEY.encode(),
        b"content-type": b"application/json",
        b"content-length": str(len(inner.bodies[0])).encode(),
    }


def test_only_listed_headers_come_back(call: Call, inner: Inner) -> None:
    own = ("model-group", "model-name", "attempted-fallbacks", "response-cost", "call-id", "overhead-duration-ms")
    passing = dict.fromkeys(("cache-control", "retry-after", *(f"x-litellm-{name}" for name in own)), "1")
    inner.headers |= passing | {
        "X-LiteLLM-Model-Api-Base": "http://internal",
        "llm_provider-x-request-id": "1",
        "access-control-allow-origin": "*",
        "set-cookie": "a=b",
        "server": "inner",
    }
    headers = call("POST", CHAT, [REQUEST], BEARER).headers
    assert set(headers) == {"content-type", *passing, "x-request-id", "x-gateway-deployment", "x-gateway-commit"}


def test_a_stream_passes_piece_by_piece(make_gateway: Callable[..., Gateway], inner: Inner) -> None:
    inner.body = (b"data: 1\n\n", b"data: 2\n\n")
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": REQUEST, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in BEARER.items()]
    scope = {"type": "http", "method": "POST", "path": CHAT, "headers": headers, "query_string": b""}
    asyncio.run(make_gateway()(scope, receive, send))
    assert [message.get("body") for message in sent] == [None, b"data: 1\n\n", b"data: 2\n\n"]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("GET", "/health", {}), ("GET", "/v1/models", {}), ("GET", "/x", {}), ("POST", CHAT, {}), ("POST", CHAT, BEARER)],
)
def test_every_answer_is_stamped(call: Call, method: str, path: str, headers: dict[str, str]) -> None:
    answer = call(method, path, [REQUEST], headers)
    assert answer.headers["x-gateway-deployment"] == "deployment-1"
    assert answer.headers["x-gateway-commit"] == "0123abc"


def test_a_websocket_is_closed(make_gateway: Callable[..., Gateway], inner: Inner) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(make_gateway()({"type": "websocket", "path": "/v1/realtime", "headers": []}, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert not inner.scopes


def run_lifespan(make_gateway: Callable[..., Gateway], outcome: Message) -> list[Message]:
    sent: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(outcome)

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(make_gateway(app=inner)({"type": "lifespan"}, receive, send))
    return sent


def test_the_end_of_the_start_is_noticed(make_gateway: Callable[..., Gateway], started: list[str]) -> None:
    assert run_lifespan(make_gateway, {"type": "lifespan.startup.complete"}) == [{"type": "lifespan.startup.complete"}]
    assert started == ["started"]


def test_a_failed_start_is_one_line(
    make_gateway: Callable[..., Gateway], started: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    trace = "Traceback (most recent call last):\n  File ...\nValueError: no such callback\n"
    sent = run_lifespan(make_gateway, {"type": "lifespan.startup.failed", "message": trace})
    assert sent == [{"type": "lifespan.startup.failed"}]
    assert caplog.messages == ["LiteLLM did not start: ValueError: no such callback"]
    assert not started


def test_one_line_a_request_without_its_query(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "gateway.access")
    call("GET", "/health", query_string=b"key=sk-secret")
    assert caplog.messages == ["GET /health 200"]
    assert set(caplog.records[0].fields) == {"request_id", "status", "latency_ms"}  # type: ignore[attr-defined]


def test_the_budget_is_told_to_whoever_has_the_key(call: Call) -> None:
    assert call("GET", "/v1/budget").status == 401
    answer = call("GET", "/v1/budget", headers=BEARER)
    assert answer.status == 200
    assert json.loads(answer.body)["accounts"] == [
        {
            "account": "total",
            "limit_usd": "10.00",
            "spent_usd": "0.00",
            "reserved_usd": "0.00",
            "left_usd": "10.00",
            "requests": 0,
        }
    ]


def test_a_request_that_could_pass_the_budget_is_refused_before_anything_is_sent(
    call: Call, inner: Inner, make_gateway: Callable[..., Gateway], make_meter: Callable[..., Meter]
) -> None:
    answer = call("POST", CHAT, [REQUEST], BEARER, gateway=make_gateway(meter=make_meter("0.001")))
    assert (answer.status, error(answer)["code"], error(answer)["type"]) == (429, "budget_exceeded", "budget_exceeded")
    assert answer.headers["retry-after"] == str(12 * 3600)
    assert not inner.scopes


def test_a_failed_call_gives_its_reservation_back(
    call: Call, inner: Inner, make_gateway: Callable[..., Gateway], make_meter: Callable[..., Meter], ledger: Any
) -> None:
    inner.status, inner.body = 500, (b"{}",)
    assert call("POST", CHAT, [REQUEST], BEARER).status == 502
    assert ledger.balances()[1] == []


def test_without_a_ledger_nothing_is_spent(
    call: Call, inner: Inner, make_gateway: Callable[..., Gateway], ledger: Any
) -> None:
    gateway = make_gateway()
    ledger.close()
    answer = call("POST", CHAT, [REQUEST], BEARER, gateway=gateway)
    assert (answer.status, error(answer)["code"]) == (503, "budget_unavailable")
    assert call("GET", "/v1/budget", headers=BEARER, gateway=gateway).status == 503
    assert call("GET", "/health", gateway=gateway).status == 200
    assert not inner.scopes


@pytest.mark.parametrize("path", [CHAT, "/v1/messages", "/v1/models"])
def test_what_nobody_expected_is_a_500_in_the_shape_of_all_errors_and_tells_nothing(
    make_gateway: Callable[..., Gateway], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level("INFO", "gateway.access")
    odd = Client("odd", digest(KEY[::-1]), expires="never")  # type: ignore[arg-type] # which nothing compares to a time
    answer, raised = asyncio.run(broken_exchange(make_gateway(clients=(odd,)), path, KEY[::-1]))
    told = json.loads(answer.body)["error"]
    kind = told["type"] if path == "/v1/messages" else told["code"]
    assert (answer.status, kind) == (500, "api_error" if path == "/v1/messages" else "internal_error")
    assert answer.headers["x-request-id"]
    assert isinstance(raised, TypeError), "for the server to log"
    (line,) = caplog.records
    fields = line.fields  # type: ignore[attr-defined]
    assert (fields["status"], fields["code"]) == (500, "internal_error")
    assert fields["error"].startswith("TypeError at clients.py:")
    assert str(raised) not in f"{answer.body!r} {fields}"


def test_an_error_after_the_answer_began_adds_nothing_to_it(make_gateway: Callable[..., Gateway]) -> None:
    async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        raise ValueError

    answer, raised = asyncio.run(broken_exchange(make_gateway(app=breaks_off), CHAT, KEY))
    assert (answer.status, answer.body, type(raised)) == (200, b"begun", ValueError)


async def broken_exchange(gateway: Gateway, path: str, key: str) -> tuple[Answer, Exception | None]:
    """What a client gets of a gateway that breaks, and what the server gets to see of that."""
    raised: list[Exception] = []

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await gateway(scope, receive, send)
        except (TypeError, ValueError) as error:
            raised.append(error)

    headers = [(b"authorization", b"Bearer " + key.encode())]
    method = "GET" if path == "/v1/models" else "POST"
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    return await exchange(server, scope, [REQUEST]), raised[0] if raised else None


def test_while_it_stops_health_is_503_and_nothing_new_is_begun(
    call: Call, inner: Inner, make_gateway: Callable[..., Gateway]
) -> None:
    gateway = make_gateway()
    gateway.stop()
    health = call("GET", "/health", gateway=gateway, **{WHOLE: True})
    assert (health.status, health.body) == (503, b'{"status":"stopping","models":[]}')
    answer = call("POST", CHAT, [REQUEST], BEARER, gateway=gateway)
    assert (answer.status, error(answer)["code"], answer.headers["retry-after"]) == (503, "stopping", "1")
    assert {health.headers["connection"], answer.headers["connection"]} == {"close"}
    assert answer.pieces_read == 0
    assert not inner.scopes


def test_more_requests_than_may_run_are_told_to_come_again(make_gateway: Callable[..., Gateway]) -> None:
    async def run() -> tuple[list[Answer], Answer, Answer, Answer]:
        released = asyncio.Event()

        async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
            await released.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body"})

        gateway = make_gateway(app=waiting)
        headers = [(name.encode(), value.encode()) for name, value in BEARER.items()]
        asked = {"type": "http", "method": "POST", "path": CHAT, "headers": headers, "query_string": b""}
        running = [asyncio.create_task(exchange(gateway, asked, [REQUEST])) for _ in range(2)]
        await asyncio.sleep(0)
        refused = await exchange(gateway, asked, [REQUEST])
        health = await exchange(gateway, {**asked, "method": "GET", "path": "/health"}, [b""])
        released.set()
        return [await each for each in running], refused, health, await exchange(gateway, asked, [REQUEST])

    answered, refused, health, later = asyncio.run(run())
    assert [answer.status for answer in (*answered, health, later)] == [200, 200, 200, 200]
    assert (refused.status, error(refused)["code"], refused.headers["retry-after"]) == (503, "overloaded", "1")
    assert (refused.pieces_read, refused.headers["connection"]) == (0, "close")


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(RequestError) as caught:
        asyncio.run(body.read(Headers({}), never, limit=10, seconds=0.01))
    assert (caught.value.status, caught.value.body["error"]["code"]) == (408, "request_timeout")


ORIGIN = "https://app.example.org"
SENT = "authorization,content-type,x-stainless-os,x-stainless-retry-count,anthropic-dangerous-direct-browser-access"
"""Some of what the official clients for browsers send."""

PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": SENT}


def test_no_page_may_call_from_a_browser_by_default(call: Call) -> None:
    assert call("OPTIONS", CHAT, headers={"origin": ORIGIN, **PREFLIGHT}).status == 405
    answer = call("POST", CHAT, [REQUEST], {**BEARER, "origin": ORIGIN})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def named(answer: Answer, header: str) -> set[str]:
    """The names that a header lists."""
    return {name.strip().lower() for name in answer.headers[header].split(",")}


def test_a_page_of_a_named_origin_may_and_no_other(call: Call, make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway(cors_origins=(ORIGIN,))
    allowed = call("OPTIONS", CHAT, headers={"origin": ORIGIN, **PREFLIGHT}, gateway=gateway)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert named(allowed, "access-control-allow-headers") == set(SENT.split(","))
    answer = call("POST", CHAT, [REQUEST], {**BEARER, "origin": ORIGIN}, gateway=gateway)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert {"retry-after", "x-request-id", "x-gateway-model"} <= named(answer, "access-control-expose-headers")
    other = {"origin": "https://evil.example.org"}
    for method, headers in (("OPTIONS", {**other, **PREFLIGHT}), ("POST", {**other, **BEARER})):
        refused = call(method, CHAT, [REQUEST], headers, gateway=gateway)
        assert "access-control-allow-origin" not in refused.headers
    refused = call("OPTIONS", CHAT, headers={**other, **PREFLIGHT}, gateway=gateway)
    assert (refused.status, error(refused)["code"]) == (400, "invalid_value")
    assert "origin" in named(refused, "vary")
    assert "Disallowed CORS origin" in error(refused)["message"]
