"""What each check asks, and the ones that weigh several answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.acceptance import checks
from gateway.acceptance.checks import TIMED_CALLS, Context
from gateway.acceptance.client import Gateway
from gateway.acceptance.expected import CLAUDE, EXPECTED, GEMINI_PRO, Model
from gateway.acceptance.settings import Limits
from gateway.acceptance.verdict import CheckFailedError
from tests.unit.acceptance.answers import ERROR, chat
from tests.unit.acceptance.conftest import Clock, Handler

pytestmark = pytest.mark.unit

MakeContext = Callable[[Handler], Context]


@pytest.fixture
def context(gateway: Callable[[Handler], Gateway], limits: Limits) -> MakeContext:
    return lambda handler: Context(gateway(handler), EXPECTED, limits)


class Slow:
    """Takes the next of `seconds` for each chat."""

    def __init__(self, clock: Clock, *seconds: float, overhead: str | None = None) -> None:
        self._clock = clock
        self._seconds = iter(seconds)
        self._headers = {"x-litellm-overhead-duration-ms": overhead} if overhead else {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self._clock.sleep(next(self._seconds))
        return httpx.Response(200, json=chat(), headers=self._headers)


def test_latency_allows_for_a_slow_start_and_one_outlier(context: MakeContext, clock: Clock) -> None:
    slow = Slow(clock, 20, 1, 2, 15, 3, 1, overhead="12.4")
    assert checks.latency(context(slow)) == "median of 5 calls 2.00 s, of it the gateway's own 12 ms"


def test_latency_says_nothing_of_overhead_that_is_not_told(context: MakeContext, clock: Clock) -> None:
    assert checks.latency(context(Slow(clock, *[1] * 6))) == "median of 5 calls 1.00 s"


def test_latency_passes_on_the_limit_of_the_median(context: MakeContext, clock: Clock) -> None:
    assert checks.latency(context(Slow(clock, *[10] * 6))) == "median of 5 calls 10.00 s"


def test_latency_fails_above_the_limit_of_the_median(context: MakeContext, clock: Clock) -> None:
    with pytest.raises(CheckFailedError, match=r"median of 5 calls 11\.00 s; the limit is 10 s"):
        checks.latency(context(Slow(clock, 1, 1, 11, 11, 11, 1)))


def test_latency_fails_when_a_call_fails(context: MakeContext) -> None:
    answers = iter([chat()] * TIMED_CALLS + [None])

    def handler(request: httpx.Request) -> httpx.Response:
        body = next(answers)
        return httpx.Response(200, json=body) if body else httpx.Response(500, json=ERROR)

    with pytest.raises(CheckFailedError, match="500"):
        checks.latency(context(handler))


@pytest.mark.parametrize("model", EXPECTED.models, ids=EXPECTED.names)
def test_routing_asks_the_model_for_little(context: MakeContext, model: Model) -> None:
    asked: list[dict[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        assert (request.method, request.url.path) == ("POST", "/v1/chat/completions")
        assert request.headers["authorization"] == "Bearer sk-1"
        return httpx.Response(200, json=chat())

    assert f"{model.owner} answered" in checks.routing(context(handler), model)
    messages = [{"role": "user", "content": "Say hello in one word"}]
    assert asked == [{"model": model.name, "messages": messages, "max_tokens": model.max_tokens}]
    assert model.max_tokens <= 1024


def test_models_that_think_may_think() -> None:
    assert CLAUDE.max_tokens < GEMINI_PRO.max_tokens
    assert {model.max_tokens for model in (EXPECTED.timed, EXPECTED.fallback_probe)} == {GEMINI_PRO.max_tokens}


@pytest.mark.parametrize(
    "check", [checks.anonymous, checks.wrong_key, checks.closed_doors, checks.health, checks.models]
)
def test_the_key_is_not_shown_to_what_must_work_without(context: MakeContext, check: Callable[[Context], str]) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization", ""))
        return httpx.Response(401, json=ERROR)

    try:
        check(context(handler))
    except CheckFailedError:
        assert check in {checks.health, checks.models}
    assert seen
    assert not any(value.removeprefix("Bearer ") == "sk-1" for value in seen)
    assert all(bool(value) == (check is checks.wrong_key) for value in seen)


def test_two_wrong_keys_are_never_the_same(context: MakeContext) -> None:
    seen: set[str] = set()

    def handler(request: httpx.Request) -> httpx.Response:
        seen.add(request.headers["authorization"])
        return httpx.Response(401, json=ERROR)

    for _ in range(2):
        checks.wrong_key(context(handler))
    assert len(seen) == 2


def test_every_open_door_is_named(context: MakeContext) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.content == (b"{}" if request.method == "POST" else b"")
        opened = {"/metrics": 200, "/key/generate": 500, "/ui/": 307}
        headers = {"location": "/ui/login"} if request.url.path == "/ui/" else {}
        return httpx.Response(opened.get(request.url.path, 404), headers=headers)

    with pytest.raises(CheckFailedError) as failed:
        checks.closed_doors(context(handler))
    assert str(failed.value) == (
        f"3 of {len(EXPECTED.closed_doors)} paths are not shut: GET /ui/ 307 (redirect to /ui/login, not followed), "
        "GET /metrics 200, POST /key/generate 500"
    )
