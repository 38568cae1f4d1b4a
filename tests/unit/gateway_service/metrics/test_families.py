"""What a request counts as."""

from __future__ import annotations

from collections import Counter

import pytest
from litellm_gateway.budget.call import Settlement
from litellm_gateway.metrics.families import BUCKETS, Bucket, counts, sample, samples
from litellm_gateway.record import Record

pytestmark = pytest.mark.unit

OWNERS = {"claude-sonnet": "anthropic", "gpt-4o": "openai"}
CHAT = "/v1/chat/completions"


def counted(record: Record) -> dict[str, int]:
    return samples(Counter(dict(counts(record, OWNERS.__getitem__))))


def test_a_refused_request_counts_as_one_with_its_code() -> None:
    record = Record("POST", CHAT, status=401, code="invalid_api_key")
    assert counted(record) == {
        'gateway_requests_total{path="/v1/chat/completions",status="401"}': 1,
        'gateway_refusals_total{code="invalid_api_key"}': 1,
    }


def test_paths_that_do_not_exist_are_one() -> None:
    found = counted(Record("GET", "/a-path-of-somebody", status=404, code="not_found"))
    assert 'gateway_requests_total{path="other",status="404"}' in found


def test_an_answer_after_a_fallback_counts_for_whom_it_concerns() -> None:
    record = Record("POST", CHAT, status=200, client="master", model="claude-sonnet", served="gpt-4o")
    record.failures = [("claude-sonnet", "Timeout, status 408")]
    record.input_tokens, record.output_tokens = 12, 2
    record.settlement = Settlement(50_000_000, None, {"claude-sonnet": 7_000_000})
    record.latency, record.upstream = 0.3, 0.28
    found = counted(record)
    gpt = 'model="gpt-4o",provider="openai"'
    assert found[f'gateway_requests_total{{path="{CHAT}",client="master",model="claude-sonnet",status="200"}}'] == 1
    assert found['gateway_failed_attempts_total{model="claude-sonnet",provider="anthropic"}'] == 1
    assert found['gateway_fallbacks_total{from="claude-sonnet",to="gpt-4o"}'] == 1
    assert found[f'gateway_tokens_total{{{gpt},kind="input"}}'] == 12
    assert found[f'gateway_tokens_total{{{gpt},kind="output"}}'] == 2
    assert found[f'gateway_cost_usd_total{{client="master",{gpt}}}'] == 50_000_000
    assert found['gateway_cost_usd_total{client="master",model="claude-sonnet",provider="anthropic"}'] == 7_000_000
    assert found['gateway_request_duration_seconds_sum{model="gpt-4o"}'] == 300_000
    assert found['gateway_request_duration_seconds_bucket{model="gpt-4o",le="0.25"}'] == 0
    assert found['gateway_request_duration_seconds_bucket{model="gpt-4o",le="0.5"}'] == 1
    assert found['gateway_overhead_seconds_bucket{le="0.01"}'] == 0
    assert found['gateway_overhead_seconds_bucket{le="0.025"}'] == 1
    assert len([name for name in found if "duration_seconds_bucket" in name]) == len(BUCKETS) + 1


def test_where_everybody_failed_nobody_was_fallen_back_to() -> None:
    record = Record("POST", CHAT, status=502, code="provider_failed", failures=[("gpt-4o", "Timeout")])
    found = counted(record)
    assert found['gateway_failed_attempts_total{model="gpt-4o",provider="openai"}'] == 1
    assert not [name for name in found if name.startswith(("gateway_fallbacks", "gateway_cost", "gateway_tokens"))]


def test_a_label_cannot_break_out() -> None:
    assert sample("a", b='x"} 1\ny\\', c="") == 'a{b="x\\"} 1\\ny\\\\"}'
    assert sample("a") == "a"


def test_a_bucket_holds_what_the_smaller_ones_hold() -> None:
    seen: Counter[str | Bucket] = Counter()
    for seconds in (0.005, 0.0051, 0.3, 121.0):
        record = Record("POST", CHAT, status=200, model="gpt-4o", served="gpt-4o", latency=seconds)
        for one, value in counts(record, OWNERS.__getitem__):
            seen[one] += value
    name = "gateway_request_duration_seconds_bucket"
    found = samples(seen)
    shown = [found[sample(name, model="gpt-4o", le=bound)] for bound in ("0.005", "0.01", "0.25", "0.5", "120", "+Inf")]
    assert shown == [1, 2, 2, 3, 3, 4]
