"""Fallbacks and failures, against the real LiteLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.models.behaviour import Behaviour, Kind

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway

pytestmark = pytest.mark.services

TRIGGERED = "Fallback triggered: claude-sonnet → gpt-4o"


@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_claude_is_answered_by_gpt(gateway: Gateway, providers: ModelProviders, stream: bool) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    response = gateway.chat("claude-sonnet", stream=stream)
    assert response.status_code == 200
    assert response.headers["x-litellm-attempted-fallbacks"] == "1"
    assert response.headers["x-litellm-model-group"] == "gpt-4o"
    gateway.wait_for("Budget: request cost $0.000050 model=gpt-4o", response)
    assert gateway.told(response, "Fallback") == [TRIGGERED]
    entry = next(entry for entry in reversed(gateway.entries()) if entry["message"] == TRIGGERED)
    assert entry["reason"] == "AuthenticationError, status 401"


@pytest.mark.parametrize("kind", ["garbage", "dead", "cut_off"])
def test_a_broken_claude_is_answered_by_gpt(gateway: Gateway, providers: ModelProviders, kind: Kind) -> None:
    providers.behave("anthropic", Behaviour(kind=kind))
    response = gateway.chat("claude-sonnet")
    assert response.status_code == 200
    gateway.wait_for(TRIGGERED, response)


def test_one_refusal_does_not_divert_the_next_request(gateway: Gateway, providers: ModelProviders) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401, times=1))
    assert gateway.chat("claude-sonnet").headers["x-litellm-model-group"] == "gpt-4o"
    assert gateway.chat("claude-sonnet").headers["x-litellm-model-group"] == "claude-sonnet"


def test_two_refusals_are_told_once_and_truly(gateway: Gateway, providers: ModelProviders) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    providers.behave("openai", Behaviour(kind="status", status=500))
    response = gateway.chat("claude-sonnet")
    assert response.headers["x-litellm-model-group"] == "gemini-pro"
    gateway.wait_for("Budget:", response)
    assert gateway.told(response, "Fallback") == ["Fallback triggered: claude-sonnet → gemini-pro"]
    assert gateway.told(response, "Attempt") == [
        "Attempt failed: claude-sonnet (AuthenticationError, status 401)",
        "Attempt failed: gpt-4o (InternalServerError, status 500)",
    ]


def test_the_probe_falls_back_without_touching_its_first_upstream(gateway: Gateway, providers: ModelProviders) -> None:
    response = gateway.chat("fallback-probe", max_tokens=5)
    assert response.status_code == 200
    assert response.headers["x-litellm-attempted-fallbacks"] == "1"
    gateway.wait_for("Fallback triggered: fallback-probe → gemini-flash", response)
    assert not providers.providers["openai"].hits()
    assert "fallback-probe" not in gateway.get("/health").text + gateway.get("/v1/models").text


def test_the_probe_needs_the_key(gateway: Gateway) -> None:
    assert gateway.chat("fallback-probe", headers={}).status_code == 401


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [
        (400, 400, "rejected_by_provider"),
        (401, 502, "provider_failed"),
        (403, 502, "provider_failed"),
        (404, 502, "provider_failed"),
        (422, 502, "provider_failed"),
        (429, 429, "rate_limit_exceeded"),
        (500, 502, "provider_failed"),
        (503, 502, "provider_failed"),
    ],
)
def test_a_provider_without_fallback_fails_in_the_gateways_words(
    gateway: Gateway, providers: ModelProviders, status: int, answered: int, code: str
) -> None:
    providers.behave("openai", Behaviour(kind="status", status=status))
    response = gateway.chat("gpt-4o")
    assert response.status_code == answered
    error = response.json()["error"]
    assert error["code"] == code
    assert "\n" not in error["message"]
    assert "fallback-probe" not in error["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_provider_refuses_as_invalid_is_not_paid_for_at_the_next(
    gateway: Gateway, providers: ModelProviders, stream: bool
) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=400))
    response = gateway.chat("claude-sonnet", stream=stream)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "rejected_by_provider")
    assert not providers.providers["openai"].hits()
    assert not providers.providers["gemini"].hits()


def test_what_the_next_provider_refuses_is_asked_of_the_one_after(gateway: Gateway, providers: ModelProviders) -> None:
    """It is the gateway's choice then, not the client's."""
    providers.behave("anthropic", Behaviour(kind="status", status=500))
    providers.behave("openai", Behaviour(kind="status", status=400))
    response = gateway.chat("claude-sonnet")
    assert (response.status_code, response.headers["x-litellm-model-group"]) == (200, "gemini-pro")


def test_a_stream_that_breaks_at_its_beginning_is_answered_by_gpt(gateway: Gateway, providers: ModelProviders) -> None:
    providers.behave("anthropic", Behaviour(kind="cut_off"))
    response = gateway.chat("claude-sonnet", stream=True)
    assert response.text.endswith("data: [DONE]\n\n")
    gateway.wait_for(TRIGGERED, response)


def test_a_stream_that_breaks_is_not_ended_as_if_it_were_whole(gateway: Gateway, providers: ModelProviders) -> None:
    providers.behave("gemini", Behaviour(kind="cut_off"))
    response = gateway.chat("gemini-pro", stream=True)
    assert '{"error":' in response.text.replace(" ", "")  # an event of the stream, or the whole answer
    assert "[DONE]" not in response.text
