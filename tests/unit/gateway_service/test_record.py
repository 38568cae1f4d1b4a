"""One line a request: what it says of requests that were answered, refused, failed or left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from litellm_gateway.budget.call import Settlement
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.journal import Journal
from litellm_gateway.record import Record

from .conftest import KEY, Call, Inner, exchange

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway
    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.metrics.collector import Collector

pytestmark = pytest.mark.unit

CHAT = "/v1/chat/completions"
BEARER = {"authorization": f"Bearer {KEY}"}
REQUEST = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "canary-prompt"}]}).encode()
LIMITS = {TOTAL: 10 * 10**12}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The fields of each request's line so far, without its id and its time."""
    caplog.set_level("INFO", "gateway.access")

    def read() -> list[dict[str, Any]]:
        told = [record for record in caplog.records if record.name == "gateway.access"]
        varying = {"request_id", "latency_ms", "overhead_ms"}
        return [{name: value for name, value in record.fields.items() if name not in varying} for record in told]  # type: ignore[attr-defined]

    return read


Lines = Callable[[], list[dict[str, Any]]]


def test_a_refused_request_is_told_with_its_reason(call: Call, lines: Lines) -> None:
    call("POST", CHAT, [REQUEST])
    call("POST", CHAT, [b"{}"], BEARER)
    call("GET", "/nowhere")
    assert lines() == [
        {"status": 401, "code": "invalid_api_key"},
        {"status": 400, "code": "missing_required_parameter", "client": "master"},
        {"status": 404, "code": "not_found"},
    ]


@pytest.mark.parametrize("path", ["/v1/budget", "/metrics", "/status"])
def test_whoever_looks_is_told_by_name(call: Call, lines: Lines, path: str) -> None:
    call("GET", path, headers=BEARER)
    assert lines() == [{"status": 200, "client": "master"}]


def test_a_request_over_budget_names_its_model(
    call: Call, lines: Lines, make_gateway: Callable[..., Gateway], make_meter: Callable[..., Meter]
) -> None:
    call("POST", CHAT, [REQUEST], BEARER, gateway=make_gateway(meter=make_meter("0.001")))
    assert lines() == [{"status": 429, "code": "budget_exceeded", "client": "master", "model": "gpt-4o"}]


def test_a_failed_call_is_told_at_once_and_costs_nothing(call: Call, inner: Inner, lines: Lines) -> None:
    inner.status, inner.body = 500, (b'{"error":{"message":"canary-answer"}}',)
    answer = call("POST", CHAT, [REQUEST], BEARER)
    assert answer.status == 502
    assert lines() == [{"status": 502, "code": "provider_failed", "client": "master", "model": "gpt-4o"}]


def test_an_answered_call_is_told_once_its_cost_is_known(
    inner: Inner, lines: Lines, make_gateway: Callable[..., Gateway], make_meter: Callable[..., Meter]
) -> None:
    async def called() -> None:
        meter = make_meter()
        scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b""}
        scope["headers"] = [(name.encode(), value.encode()) for name, value in BEARER.items()]
        answer = await exchange(make_gateway(meter=meter), scope, [REQUEST])
        assert lines() == []
        meter.settle(answer.headers["x-request-id"], "gpt-4o", None)
        await asyncio.sleep(0.01)

    asyncio.run(called())
    (line,) = lines()
    assert (line["status"], line["client"], line["cost_usd"]) == (200, "master", line["spent_today_usd"])
    assert inner.scopes[0]["headers"][1][0] == b"x-litellm-call-id"


def test_a_client_that_leaves_is_told_as_such(lines: Lines, call: Call) -> None:
    call("POST", CHAT, [], BEARER)
    assert lines() == [{"status": 499, "client": "master", "unfinished": True}]


def test_every_hop_is_told(lines: Lines, collector: Collector) -> None:
    journal = Journal(LIMITS, collector)
    record = journal.begin({"method": "POST", "path": CHAT})
    record.failures = [("claude-sonnet", "Timeout, status 408"), ("gpt-4o", "its budget is used up")]
    record.served, record.status, record.finished = "gemini-pro", 200, True
    record.input_tokens, record.output_tokens = 12, 2
    journal.settling(record)
    journal.answered(record)
    assert lines() == []
    assert journal._settling
    for _ in range(2):
        journal.close(record, Settlement(50_000_000, Balance(TOTAL, 10**12, 10**11, 3), {"claude-sonnet": 10**9}))
    assert lines() == [
        {
            "status": 200,
            "served_by": "gemini-pro",
            "fallbacks": [
                {"from": "claude-sonnet", "to": "gpt-4o", "reason": "Timeout, status 408"},
                {"from": "gpt-4o", "to": "gemini-pro", "reason": "its budget is used up"},
            ],
            "input_tokens": 12,
            "output_tokens": 2,
            "cost_usd": "0.00005",
            "unanswered_usd": "0.001",
            "spent_today_usd": "1.00",
            "left_today_usd": "8.90",
        }
    ]
    assert not journal._settling, "so it does not grow"


def test_where_everybody_failed_the_last_hop_leads_nowhere() -> None:
    record = Record("POST", CHAT, failures=[("gemini-pro", "APIError, status 500")])
    assert [hop.to for hop in record.hops] == [None]


def test_who_answered_is_told_where_somebody_did() -> None:
    for status, told in ((200, {b"x-request-id", b"x-gateway-model"}), (502, {b"x-request-id"})):
        assert {name for name, _ in Record("POST", CHAT, status=status, attempted="gpt-4o")._headers()} == told


def test_what_is_over_takes_no_longer() -> None:
    record = Record("POST", CHAT)
    record.end()
    took = record.latency
    record.end()
    assert record.latency == took > 0


def test_overhead_is_what_no_provider_took() -> None:
    assert Record("POST", CHAT, latency=2.0).overhead is None
    assert Record("POST", CHAT, latency=2.0, upstream=1.5).overhead == pytest.approx(0.5)
    assert Record("POST", CHAT, latency=2.0, upstream=2.1).overhead == 0


def test_a_key_in_the_path_is_not_told() -> None:
    for key in ("sk-0a1b2c3d4e5f", "sk-ant-api03-Zz_9-x", "AIzaSyA1b2C3d4"):
        assert Record("GET", f"/v1/{key}/models").path == "/v1/[redacted]/models"
    assert Record("GET", "/" + "x" * 60_000).path == "/" + "x" * 199


def test_the_end_tells_what_is_left(lines: Lines, collector: Collector) -> None:
    journal = Journal(LIMITS, collector)
    journal.begin({"method": "POST", "path": CHAT})
    journal.close_all()
    assert lines() == [{"status": 499, "unfinished": True}]
