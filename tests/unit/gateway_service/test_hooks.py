"""Log lines for what LiteLLM tells."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from litellm_gateway.budget.estimate import Size
from litellm_gateway.budget.meter import ProviderSpentError
from litellm_gateway.hooks import Hooks, RejectedError
from litellm_gateway.journal import Journal
from litellm_gateway.record import Hop

if TYPE_CHECKING:
    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.metrics.collector import Collector

pytestmark = pytest.mark.unit


TOLD = {"model_group": "gpt-4o", "prompt_tokens": 12, "completion_tokens": 2}


class HTTPStatusError(Exception):
    """Named as the HTTP client's."""


class RefusedError(HTTPStatusError):
    status_code = 401


@pytest.fixture
def meter(make_meter: Callable[..., Meter]) -> Meter:
    return make_meter("10", openai="0.0001")


@pytest.fixture
def journal(meter: Meter, collector: Collector) -> Journal:
    return Journal(meter.limits, collector)


@pytest.fixture
def hooks(meter: Meter, journal: Journal, caplog: pytest.LogCaptureFixture) -> Hooks:
    caplog.set_level("INFO", "gateway")
    return Hooks(meter, journal)


def fallback(model: str, call: str = "call-1", asked: str = "claude-sonnet") -> dict[str, Any]:
    return {"model": model, "litellm_call_id": call, "metadata": {"original_model_group": asked}}


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    return [record.fields for record in caplog.records]  # type: ignore[attr-defined]


def test_a_fallback(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(hooks.log_success_fallback_event("claude-sonnet", fallback("gpt-4o"), RefusedError("prompt")))
    assert caplog.messages == ["Fallback triggered: claude-sonnet → gpt-4o"]
    assert fields(caplog) == [{"reason": "RefusedError, status 401", "request_id": "call-1"}]


def test_a_nested_fallback_is_told_once_by_its_innermost_event(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    async def nested() -> None:
        await hooks.log_success_fallback_event("gpt-4o", fallback("gemini-pro"), TimeoutError())
        await hooks.log_success_fallback_event("claude-sonnet", fallback("gpt-4o"), RefusedError())
        await hooks.log_success_fallback_event("claude-sonnet", fallback("gpt-4o", call="call-2"), RefusedError())

    asyncio.run(nested())
    assert caplog.messages == [
        "Fallback triggered: claude-sonnet → gemini-pro",
        "Fallback triggered: claude-sonnet → gpt-4o",
    ]


def test_without_metadata_the_events_own_model_is_named(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(hooks.log_success_fallback_event("claude-sonnet", {"model": "gpt-4o", "metadata": None}, OSError()))
    assert caplog.messages == ["Fallback triggered: claude-sonnet → gpt-4o"]
    assert fields(caplog)[0]["reason"] == "OSError"


def test_a_failed_attempt(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    request = {"metadata": {"model_group": "claude-sonnet"}, "litellm_call_id": "call-1"}
    asyncio.run(hooks.async_post_call_failure_deployment_hook(request, RefusedError("prompt"), None))
    assert caplog.messages == ["Attempt failed: claude-sonnet (RefusedError, status 401)"]


def test_costs_are_told_and_added_up(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    answered = {"standard_logging_object": TOLD, "litellm_call_id": "call-1"}
    for call, cost in (("call-1", 7.500000000000001e-05), ("call-2", 0.5), ("call-2", 0.5)):
        told = {**answered, "litellm_call_id": call, "response_cost": cost}
        asyncio.run(hooks.async_log_success_event(told, None, None, None))
    assert caplog.messages == [
        "Budget: request cost $0.000075 model=gpt-4o today $0.0001 of $10.00 (1 requests)",
        "Budget: request cost $0.500000 model=gpt-4o today $0.5001 of $10.00 (2 requests)",
    ]


@pytest.mark.parametrize("cost", [None, 0.0, -0.5, float("inf"), float("nan")])
def test_an_unknown_cost_is_an_error_and_counts_as_the_most_it_can_be(
    hooks: Hooks, meter: Meter, caplog: pytest.LogCaptureFixture, cost: float | None
) -> None:
    answered = {"standard_logging_object": TOLD, "litellm_call_id": "call-1"}

    async def call() -> None:
        meter.open("call-1", "gpt-4o", Size(1000, 100))
        await hooks.async_log_success_event({**answered, "response_cost": cost}, None, None, None)

    asyncio.run(call())
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert caplog.messages == [
        "Budget: request cost unknown model=gpt-4o; it counts as the most it can be",
        "Budget: request cost unknown model=gpt-4o today $0.0035 of $10.00 (1 requests)",
    ]


def test_a_provider_whose_budget_is_used_up_is_not_asked(
    hooks: Hooks, meter: Meter, caplog: pytest.LogCaptureFixture
) -> None:
    request = {"metadata": {"model_group": "gpt-4o"}, "litellm_call_id": "call-1"}

    async def call() -> None:
        meter.open("call-1", "gpt-4o", Size(1000, 100))
        await hooks.async_pre_call_deployment_hook(request, None)

    with pytest.raises(ProviderSpentError):
        asyncio.run(call())
    assert caplog.messages == ["Attempt failed: gpt-4o (its budget is used up)"]
    refusal = meter.refusal("call-1")
    assert refusal is not None
    assert (refusal.status, refusal.body["error"]["code"]) == (429, "budget_exceeded")
    assert "of openai" in str(refusal)


def test_the_record_of_a_request_holds_every_hop_and_who_answered(hooks: Hooks, journal: Journal) -> None:
    record = journal.begin({"method": "POST", "path": "/v1/chat/completions"})
    windows = {"llm_api_timing_windows": ((100.0, 101.5), (102.0, 102.25))}

    def told(model: str, **more: Any) -> dict[str, Any]:
        return {"metadata": {"model_group": model}, "litellm_call_id": record.id, **more}

    async def call() -> None:
        await hooks.async_pre_call_deployment_hook(told("claude-sonnet"), None)
        await hooks.async_post_call_failure_deployment_hook(told("claude-sonnet"), RefusedError("prompt"), None)
        await hooks.async_pre_call_deployment_hook(told("gpt-4o"), None)
        answered = told("gpt-4o", litellm_params={"metadata": windows}, stream=True, response_cost=0.5)
        answered |= {"standard_logging_object": TOLD, "end_time": dt.datetime.fromtimestamp(103.0, dt.UTC)}
        await hooks.async_log_success_event(answered, None, None, None)

    asyncio.run(call())
    assert list(record.hops) == [Hop("claude-sonnet", "RefusedError, status 401", "gpt-4o")]
    assert (record.attempted, record.served) == ("gpt-4o", "gpt-4o")
    assert (record.input_tokens, record.output_tokens) == (12, 2)
    assert record.upstream == pytest.approx(1.5 + 0.25 + 0.75)


@pytest.mark.parametrize(("told", "counted"), [(-1, 0), (10**30, 10**9)])
def test_no_number_of_tokens_is_beyond_counting(hooks: Hooks, journal: Journal, told: int, counted: int) -> None:
    record = journal.begin({"method": "POST", "path": "/v1/chat/completions"})
    answered = {"model_group": "gpt-4o", "prompt_tokens": told, "completion_tokens": told}
    kwargs = {"standard_logging_object": answered, "litellm_call_id": record.id, "response_cost": 0.5}
    asyncio.run(hooks.async_log_success_event(kwargs, None, None, None))
    assert (record.input_tokens, record.output_tokens) == (counted, counted)


class WrongError(HTTPStatusError):
    status_code = 400


def test_a_request_is_rejected_by_the_model_that_was_asked_alone(
    make_meter: Callable[..., Meter], collector: Collector
) -> None:
    meter = make_meter()
    journal = Journal(meter.limits, collector)
    hooks = Hooks(meter, journal)

    async def fail(*errors: Exception) -> bool:
        record = journal.begin({"method": "POST", "path": "/v1/chat/completions"})
        meter.open(record.id, "claude-sonnet", Size(1000, 100))
        for model, error in zip(("claude-sonnet", "gpt-4o"), errors, strict=False):
            asked = {"metadata": {"model_group": model}, "litellm_call_id": record.id}
            await hooks.async_pre_call_deployment_hook(asked, None)
            await hooks.async_post_call_failure_deployment_hook(asked, error, None)
        return record.rejected

    assert asyncio.run(fail(WrongError()))
    assert not asyncio.run(fail(RefusedError(), WrongError())), "the next may still answer"
    with pytest.raises(RejectedError):
        asyncio.run(fail(WrongError(), RefusedError()))


def test_a_translated_message_is_told_once_though_litellm_tells_of_two_calls(
    make_meter: Callable[..., Meter], collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "gateway")
    meter = make_meter("10", openai="0.006")
    hooks = Hooks(meter, Journal(meter.limits, collector))
    request = {"litellm_metadata": {"model_group": "gpt-4o"}, "metadata": {}, "litellm_call_id": "call-1"}

    async def call() -> None:
        meter.open("call-1", "gpt-4o", Size(1000, 100))
        for kind in ("anthropic_messages", "acompletion"):
            await hooks.async_pre_call_deployment_hook(request, kind)
        for kind in ("acompletion", "anthropic_messages"):
            await hooks.async_post_call_failure_deployment_hook(request, RefusedError(), kind)

    asyncio.run(call())
    assert caplog.messages == ["Attempt failed: gpt-4o (RefusedError, status 401)"]
    assert {balance.account: balance.reserved for balance in meter.balances()[1]} == {"total": 3_500_000_000}


def test_what_breaks_within_a_stream_is_told_and_may_be_billed(
    make_meter: Callable[..., Meter], collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    """LiteLLM tells of no failed attempt then: it asks the next model, or tells the client that nobody answered."""
    caplog.set_level("INFO", "gateway")
    meter = make_meter()
    hooks = Hooks(meter, Journal(meter.limits, collector))

    async def call() -> None:
        meter.open("call-1", "claude-sonnet", Size(1000, 100))
        for model in ("claude-sonnet", "gpt-4o"):
            asked = {"metadata": {"model_group": model}, "litellm_call_id": "call-1"}
            await hooks.async_pre_call_deployment_hook(asked, None)
        for _ in range(2):
            await hooks.async_post_call_failure_hook(asked, RefusedError("prompt"), None)

    asyncio.run(call())
    assert caplog.messages == [
        "Budget: claude-sonnet may bill what it did not answer; it counts as the most it can be, $0.004500",
        "Attempt failed: claude-sonnet (its stream broke off)",
        "Attempt failed: gpt-4o (RefusedError, status 401)",
    ]


@pytest.mark.parametrize(
    ("model", "kind", "kept"),
    [
        ("openai/gpt-4o", "anthropic_messages", False),
        ("anthropic/claude", "anthropic_messages", True),
        ("openai/gpt-4o", "acompletion", True),
    ],
)
def test_openai_is_not_asked_to_think_in_anthropics_way(hooks: Hooks, model: str, kind: str, kept: bool) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    asked = {"model": model, "thinking": thinking, "metadata": {"model_group": "any"}, "messages": []}
    changed = asyncio.run(hooks.async_pre_call_deployment_hook(asked, kind))
    assert changed == (None if kept else {**asked, "thinking": None})


def test_a_fallback_of_a_message(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    told = {
        "model": "gpt-4o",
        "litellm_metadata": {"original_model_group": "claude-sonnet"},
        "metadata": {"user_id": "u"},
    }
    asyncio.run(hooks.log_success_fallback_event("gemini-pro", told, RefusedError()))
    assert caplog.messages == ["Fallback triggered: claude-sonnet → gpt-4o"]
