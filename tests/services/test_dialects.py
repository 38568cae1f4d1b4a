"""The other two ways to ask, with the real LiteLLM: text completions, and messages for Anthropic's clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.models.behaviour import Behaviour

if TYPE_CHECKING:
    import httpx

    from localcloud.models.app import ModelProviders

    from .conftest import Gateway

pytestmark = pytest.mark.services

COSTS = {"claude-sonnet": "0.000066", "gpt-4o": "0.000050", "gemini-pro": "0.000035", "gemini-flash": "0.000009"}


def complete(gateway: Gateway, model: str, **more: Any) -> httpx.Response:
    body = {"model": model, "prompt": "hi", "max_tokens": 10, **more}
    return gateway.ask("POST", "/v1/completions", json=body, headers=gateway.headers, timeout=60)


def message(gateway: Gateway, model: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 10, **more}
    sent = {"x-api-key": gateway.key, "anthropic-version": "2023-06-01"} if headers is None else headers
    return gateway.ask("POST", "/v1/messages", json=body, headers=sent, timeout=60)


def events(response: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.split("\n") if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("model", COSTS)
def test_a_text_completion_of_every_model(gateway: Gateway, model: str) -> None:
    response = complete(gateway, model)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert (answer["object"], answer["model"], answer["choices"][0]["text"]) == ("text_completion", model, "Hello!")
    gateway.wait_for(f"Budget: request cost ${COSTS[model]} model={model}", response)
    stream = complete(gateway, model, stream=True)
    assert "".join(event["choices"][0].get("text", "") for event in events(stream)) == "Hello!"
    gateway.wait_for(f"Budget: request cost ${COSTS[model]} model={model}", stream)


@pytest.mark.parametrize("model", COSTS)
def test_a_message_of_every_model(gateway: Gateway, model: str) -> None:
    response = message(gateway, model)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert (answer["type"], answer["role"], answer["model"]) == ("message", "assistant", model)
    assert answer["content"] == [{"type": "text", "text": "Hello!"}]
    assert answer["usage"] == {"input_tokens": 12, "output_tokens": 2}
    gateway.wait_for(f"Budget: request cost ${COSTS[model]} model={model}", response)
    stream = message(gateway, model, stream=True)
    told = events(stream)
    assert [told[0]["type"], told[-1]["type"]] == ["message_start", "message_stop"]
    assert "".join(event["delta"].get("text", "") for event in told if "delta" in event) == "Hello!"
    gateway.wait_for(f"Budget: request cost ${COSTS[model]} model={model}", stream)
    assert [len(gateway.told(each, "Budget:")) for each in (response, stream)] == [1, 1], "counted twice"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("ask", [complete, message])
def test_both_fall_back(gateway: Gateway, providers: ModelProviders, ask: Any, stream: bool) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    providers.behave("openai", Behaviour(kind="status", status=500))
    response = ask(gateway, "claude-sonnet", stream=stream)
    assert (response.status_code, response.headers["x-litellm-model-group"]) == (200, "gemini-pro")
    gateway.wait_for("Fallback triggered: claude-sonnet → gemini-pro", response)
    assert gateway.told(response, "Attempt failed:") == [
        "Attempt failed: claude-sonnet (AuthenticationError, status 401)",
        "Attempt failed: gpt-4o (InternalServerError, status 500)",
    ]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "answered"),
    [
        (401, (502, "api_error")),
        (429, (429, "rate_limit_error")),
        (500, (502, "api_error")),
        (400, (400, "invalid_request_error")),
    ],
)
def test_what_no_provider_answers_is_told_in_anthropics_shape_before_a_stream_begins(
    gateway: Gateway, providers: ModelProviders, status: int, answered: tuple[int, str], stream: bool
) -> None:
    for provider in ("anthropic", "openai", "gemini"):
        providers.behave(provider, Behaviour(kind="status", status=status))
    for model in ("gpt-4o", "claude-sonnet"):
        response = message(gateway, model, stream=stream)
        told = response.json()
        assert told["type"] == "error"
        if (status, model) != (400, "claude-sonnet"):  # the fake Gemini's 400 is that of a refused key
            assert (response.status_code, told["error"]["type"]) == answered
            assert status == 400 or "litellm" not in response.text.lower()
        assert "Traceback" not in response.text


@pytest.mark.parametrize(("ask", "mark"), [(complete, b'data: {"error"'), (message, b"event: error\n")])
def test_a_stream_that_breaks_ends_in_the_gateways_own_words(
    gateway: Gateway, providers: ModelProviders, ask: Any, mark: bytes
) -> None:
    providers.behave("anthropic", Behaviour(kind="cut_off"))
    providers.behave("openai", Behaviour(kind="cut_off"))
    providers.behave("gemini", Behaviour(kind="cut_off"))
    response = ask(gateway, "gpt-4o", stream=True)
    assert response.status_code in {200, 502}
    assert "The provider failed" in response.text
    assert "OpenAIException" not in response.text
    if response.status_code == 200:
        assert response.content.count(mark) == 1


def test_a_key_is_taken_as_both_kinds_of_clients_send_it(gateway: Gateway, providers: ModelProviders) -> None:
    assert message(gateway, "gpt-4o", headers=gateway.headers).status_code == 200
    for headers in ({}, {"x-api-key": "sk-wrong"}):
        refused = message(gateway, "gpt-4o", headers=headers)
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    assert len(providers.providers["openai"].hits()) == 1


def test_openai_is_asked_as_for_any_chat(gateway: Gateway, providers: ModelProviders) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    assert message(gateway, "gpt-4o", system="be kind", thinking=thinking, max_tokens=2000).status_code == 200
    assert [hit.path for hit in providers.providers["openai"].hits()] == ["/openai/v1/chat/completions"]


def test_embeddings_are_refused_cleanly(gateway: Gateway) -> None:
    body = {"model": "gpt-4o", "input": "hi"}
    refused = gateway.ask("POST", "/v1/embeddings", json=body, headers=gateway.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "embeddings_not_supported")
