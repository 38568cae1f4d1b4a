"""One line a request, with the real LiteLLM: what it tells, and what it never does."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.models.behaviour import Behaviour

from .conftest import PROMPT

if TYPE_CHECKING:
    import httpx

    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Quoting

pytestmark = pytest.mark.services


def line_of(gateway: Gateway, response: httpx.Response) -> dict[str, Any]:
    """The line about the request that `response` answers."""
    gateway.wait_for("POST /v1/chat/completions", response)
    told = [entry for entry in gateway.entries() if entry.get("request_id") == response.headers["x-request-id"]]
    (line,) = (entry for entry in told if entry["logger"] == "gateway.access")
    return line


@pytest.mark.parametrize("stream", [False, True])
def test_a_fallback_is_told_whole(gateway: Gateway, providers: ModelProviders, stream: bool) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    providers.behave("openai", Behaviour(kind="slow", seconds=0.3))
    response = gateway.chat("claude-sonnet", stream=stream)
    assert response.headers["x-gateway-model"] == "gpt-4o"
    line = line_of(gateway, response)
    assert (line["client"], line["status"], line["model"]) == ("master", 200, "claude-sonnet")
    assert line["served_by"] == "gpt-4o"
    hop = {"from": "claude-sonnet", "to": "gpt-4o", "reason": "AuthenticationError, status 401"}
    assert line["fallbacks"] == [hop]
    assert (line["input_tokens"], line["output_tokens"], line["cost_usd"]) == (12, 2, "0.00005")
    assert 0 < Decimal(line["left_today_usd"]) <= 10 - Decimal(line["spent_today_usd"]) < 10
    waited = 0.3 * (5 if stream else 1)  # before the answer, and between the five events of a stream
    assert line["latency_ms"] - line["overhead_ms"] >= 1000 * waited


def test_nothing_anybody_said_and_no_key_is_told(gateway: Gateway, quoting: Quoting) -> None:
    gateway.wait_for("POST /v1/chat/completions 200", gateway.chat("gpt-4o"))
    refused = gateway.chat("gpt-4o", headers={"authorization": "Bearer sk-canary-of-somebody"})
    assert line_of(gateway, refused)["code"] == "invalid_api_key"
    quoting.status = 500
    failed = gateway.chat("gpt-4o")
    line = line_of(gateway, failed)
    assert (failed.status_code, line["status"], line["code"]) == (502, 502, "provider_failed")
    assert [hop["to"] for hop in line["fallbacks"]] == [None]
    text = "\n".join(gateway.lines)
    assert not [said for said in (PROMPT, "Hello!", "sk-canary", gateway.key, "Bearer") if said in text]
