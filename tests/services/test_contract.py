"""What clients of the gateway rely on, against the real LiteLLM."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway

pytestmark = pytest.mark.services

HEALTH = '{"status":"healthy","models":["claude-sonnet","gpt-4o","gemini-pro","gemini-flash"]}'
MODELS = """
{
  "data": [
    {"id": "claude-sonnet", "object": "model", "created": 1705478400, "owned_by": "anthropic"},
    {"id": "gpt-4o", "object": "model", "created": 1705478400, "owned_by": "openai"},
    {"id": "gemini-pro", "object": "model", "created": 1705478400, "owned_by": "google"},
    {"id": "gemini-flash", "object": "model", "created": 1705478400, "owned_by": "google"}
  ]
}
"""
UPSTREAM = {
    "claude-sonnet": ("anthropic", "claude-sonnet-4-6"),
    "gpt-4o": ("openai", "gpt-4o"),
    "gemini-pro": ("gemini", "gemini-2.5-pro"),
    "gemini-flash": ("gemini", "gemini-2.5-flash"),
}


def test_health_answers_anybody_with_the_models(gateway: Gateway) -> None:
    response = gateway.get("/health")
    assert (response.status_code, response.text) == (200, HEALTH)


def test_models_answer_anybody_in_the_contracts_order_of_keys(gateway: Gateway) -> None:
    response = gateway.get("/v1/models")
    assert response.status_code == 200
    assert response.text == json.dumps(json.loads(MODELS), separators=(",", ":"))


def test_head_is_answered_like_get(gateway: Gateway) -> None:
    response = gateway.ask("HEAD", "/health")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(HEALTH))


@pytest.mark.parametrize("model", UPSTREAM)
def test_each_model_is_answered_by_its_provider(gateway: Gateway, providers: ModelProviders, model: str) -> None:
    response = gateway.chat(model, max_tokens=10)
    assert response.status_code == 200, response.text
    provider, upstream = UPSTREAM[model]
    answer = response.json()
    assert answer["model"] == model
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-") or provider == "gemini"  # LiteLLM passes Gemini's own id
    assert answer["choices"][0]["message"]["content"] == "Hello!"
    assert answer["usage"]["total_tokens"] == 14
    assert [hit.question.model for hit in providers.providers[provider].hits()] == [upstream]


@pytest.mark.parametrize("model", UPSTREAM)
def test_each_model_streams(gateway: Gateway, model: str) -> None:
    response = gateway.chat(model, stream=True)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in response.text.split("\n") if line]
    assert events.pop() == "[DONE]"
    chunks = [json.loads(event) for event in events]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk["model"] for chunk in chunks} == {model}
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert text == "Hello!"


def test_every_answer_names_the_deployment(gateway: Gateway) -> None:
    answers = [
        gateway.get("/health"),
        gateway.get("/v1/models"),
        gateway.get("/nowhere"),
        gateway.chat("gpt-4o"),
        gateway.chat("gpt-4o", headers={}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200, 401]
    for answer in answers:
        assert answer.headers["x-gateway-deployment"] == "deployment-1"
        assert answer.headers["x-gateway-commit"] == "0123abc"


def test_an_answer_says_which_model_and_call_it_came_from_and_no_address(gateway: Gateway) -> None:
    response = gateway.chat("claude-sonnet")
    names = set(response.headers)
    assert response.headers["x-litellm-model-group"] == "claude-sonnet"
    assert response.headers["x-litellm-attempted-fallbacks"] == "0"
    assert "x-litellm-call-id" in names
    assert not {name for name in names if name.startswith("llm_provider-")}
    assert "x-litellm-model-api-base" not in names
    assert "server" not in names


def test_a_request_is_counted_with_its_cost(gateway: Gateway) -> None:
    response = gateway.chat("gpt-4o")
    line = gateway.wait_for("Budget:", response)
    # 12 tokens in at $2.50 and 2 out at $10 per million
    assert re.fullmatch(
        r"Budget: request cost \$0\.000050 model=gpt-4o today \$0\.\d{4} of \$10\.00 \(\d+ requests\)", line
    )


def test_a_stream_is_counted_once(gateway: Gateway) -> None:
    stream = gateway.chat("claude-sonnet", stream=True)
    gateway.wait_for("Budget: request cost $0.000066 model=claude-sonnet", stream)
    gateway.wait_for("Budget:", gateway.chat("gpt-4o"))
    assert len(gateway.told(stream, "Budget:")) == 1
