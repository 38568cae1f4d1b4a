"""Prometheus's text format."""

from __future__ import annotations

import re

import pytest
from litellm_gateway.budget.call import Settlement
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.headers import Identity
from litellm_gateway.metrics.exposition import exposition
from litellm_gateway.metrics.families import counts, samples
from litellm_gateway.record import Record

pytestmark = pytest.mark.unit

DOLLAR = 10**12
LINE = re.compile(
    r"# (?:HELP [a-z_]+ .+|TYPE [a-z_]+ (?:counter|gauge|histogram))"
    r'|[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9]+(?:\.[0-9]+)?'
)


@pytest.fixture
def text() -> str:
    record = Record("POST", "/v1/chat/completions", status=200, client="master", model="gpt-4o", served="gpt-4o")
    record.settlement, record.latency, record.upstream = Settlement(50_000_000, None), 2.25, 2.2
    accounts = [Balance(TOTAL, 3 * DOLLAR, DOLLAR, 4), Balance("provider:openai", 3 * DOLLAR, 0, 4)]
    counted = samples(dict(counts(record, lambda _: "openai")))
    return exposition(counted, accounts, {TOTAL: 10 * DOLLAR}, Identity("deployment-1", "0123abc"))


def test_every_line_has_the_form(text: str) -> None:
    assert text.endswith("\n")
    assert [line for line in text[:-1].split("\n") if not LINE.fullmatch(line)] == []


def test_every_family_is_declared_once_and_before_its_samples(text: str) -> None:
    declared = ""
    seen = set()
    for line in text[:-1].split("\n"):
        if line.startswith("# TYPE"):
            declared = line.split(" ")[2]
            assert declared not in seen
            seen.add(declared)
        elif not line.startswith("#"):
            assert re.split(r"[{ ]", line)[0] in {declared + suffix for suffix in ("", "_bucket", "_sum", "_count")}
    assert {"gateway_info", "gateway_requests_total", "gateway_budget_left_usd"} <= seen


def test_amounts_are_dollars_and_times_seconds(text: str) -> None:
    lines = text.split("\n")
    assert 'gateway_cost_usd_total{client="master",model="gpt-4o",provider="openai"} 0.00005' in lines
    assert 'gateway_request_duration_seconds_sum{model="gpt-4o"} 2.25' in lines
    assert 'gateway_request_duration_seconds_count{model="gpt-4o"} 1' in lines


def test_buckets_are_in_order_and_add_up(text: str) -> None:
    found = re.findall(r'duration_seconds_bucket\{model="gpt-4o",le="(.+)"\} ([01])', text)
    bounds = [float(bound) for bound, _ in found]
    assert bounds == sorted(bounds)
    assert found[-1] == ("+Inf", "1")
    assert next(bound for bound, count in found if count == "1") == "2.5"


def test_budgets_are_told_of_each_account(text: str) -> None:
    lines = text.split("\n")
    assert 'gateway_budget_left_usd{account="total"} 6' in lines
    assert 'gateway_budget_spent_usd{account="provider:openai"} 3' in lines
    assert not [line for line in lines if line.startswith('gateway_budget_left_usd{account="provider')]
    assert 'gateway_info{deployment="deployment-1",commit="0123abc"} 1' in lines
