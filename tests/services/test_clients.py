"""Clients with keys of their own, in front of the real LiteLLM."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.models.behaviour import Behaviour

from .conftest import CLIENT_HEADERS, CLIENTS

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Start

pytestmark = pytest.mark.services

THRIFTY, NARROW, GONE = (CLIENT_HEADERS[name] for name in ("thrifty", "narrow", "gone"))


def test_a_key_is_refused_once_its_budget_is_spent(gateway: Gateway, providers: ModelProviders) -> None:
    providers.behave("openai", Behaviour(prompt_tokens=1000, completion_tokens=100))
    first = gateway.chat("gpt-4o", headers=THRIFTY, max_tokens=100)
    assert first.status_code == 200
    gateway.wait_for("Budget: request cost $0.003500", first)
    second = gateway.chat("gpt-4o", headers=THRIFTY, max_tokens=100)
    assert (second.status_code, second.json()["error"]["code"]) == (429, "budget_exceeded")
    assert "of thrifty has $0.0025 left" in second.json()["error"]["message"]
    assert gateway.chat("gpt-4o", max_tokens=100).status_code == 200
    (own,) = gateway.get("/v1/budget", headers=THRIFTY).json()["accounts"]
    assert (own["account"], own["limit_usd"], own["spent_usd"]) == ("key:thrifty", "0.006", "0.0035")
    line = next(entry for entry in gateway.entries() if entry.get("request_id") == second.headers["x-request-id"])
    assert CLIENTS[0]["key"] not in str(line)
    gateway.wait_for("POST /v1/chat/completions 429", second)
    assert "thrifty" in {entry.get("client") for entry in gateway.entries()}


def test_a_key_asks_for_its_models_alone_and_a_fallback_answers_all_the_same(
    gateway: Gateway, providers: ModelProviders
) -> None:
    assert gateway.chat("gpt-4o", headers=NARROW).json()["error"]["code"] == "model_not_found"
    listed = gateway.get("/v1/models", headers=NARROW).json()["data"]
    assert [model["id"] for model in listed] == ["claude-sonnet", "gemini-flash"]
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    assert gateway.chat("claude-sonnet", headers=NARROW).headers["x-gateway-model"] == "gpt-4o"


def test_a_key_that_has_expired_is_refused_and_was_warned_of(gateway: Gateway, providers: ModelProviders) -> None:
    refused = gateway.chat("gpt-4o", headers=GONE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "expired_api_key")
    assert not providers.providers["openai"].hits()
    gateway.wait_for("The key 'gone' has expired")


def test_no_key_of_a_client_is_ever_logged(gateway: Gateway) -> None:
    for client in CLIENTS:
        gateway.get(f"/{client['key']}?key={client['key']}")
        gateway.chat(client["key"], headers={"authorization": f"Bearer {client['key']}"})
    gateway.wait_for("GET /[redacted] 404")
    assert not [client for client in CLIENTS if client["key"] in "\n".join(gateway.lines)]


def test_a_bad_list_stops_the_start_and_names_the_entry_and_no_key(start: Start) -> None:
    with start(GATEWAY_CLIENT_KEYS=json.dumps([*CLIENTS, {**CLIENTS[1], "name": "twin"}])) as gateway:
        assert gateway.process.wait(60) == 1
        gateway.wait_for("Refused to start: GATEWAY_CLIENT_KEYS: entry 5 ('twin') has the same key as 'narrow'")
    assert not [client for client in CLIENTS if client["key"] in "\n".join(gateway.lines)]
