"""What Anthropic's clients may ask for, and how they are told no."""

from __future__ import annotations

import json
from typing import Any

import pytest
from litellm_gateway import anthropic
from litellm_gateway.budget import estimate
from litellm_gateway.errors import RequestError
from litellm_gateway.models import Model

pytestmark = pytest.mark.unit

IMAGE: dict[str, Any] = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 40_000}}
PDF = {"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}
PLAIN = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
TOOL = {"name": "f", "description": "d", "input_schema": {"type": "object"}}
USE = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1"}
LINK = {"type": "url", "url": "https://a.org/b.png"}
VALID: dict[str, Any] = {"model": "claude", "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}


def prepare(request: dict[str, Any]) -> Any:
    return anthropic.prepare(
        json.dumps(request).encode(), models={"claude": Model("claude", "anthropic")}, max_tokens=5000
    )


def refusal(**changes: Any) -> tuple[int, Any]:
    with pytest.raises(RequestError) as caught:
        prepare({**VALID, **changes})
    return caught.value.status, caught.value.body["error"]["param"]


def said(*content: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": list(content)}]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"stream": True, "system": "be kind", "temperature": 1, "top_p": 0.5, "top_k": 5, "stop_sequences": ["x"]},
        {"system": [{"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}}]},
        {"tools": [TOOL, {**TOOL, "type": "custom"}], "tool_choice": {"type": "tool", "name": "f"}},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000, "metadata": {"user_id": "u"}},
        {"messages": said({"type": "text", "text": "look"}, IMAGE, PDF, {"type": "image", "source": LINK})},
        {"messages": said(USE, role="assistant") + said(RESULT)},
        {"messages": said(USE, role="assistant") + said({**RESULT, "content": [IMAGE], "is_error": False})},
        {"messages": said({"type": "thinking", "thinking": "hm", "signature": "s"}, role="assistant")},
        {"stop_sequences": [], "top_p": None},
    ],
)
def test_valid_requests_pass_unchanged(more: dict[str, Any]) -> None:
    assert json.loads(prepare({**VALID, **more}).body) == {**VALID, **more}


def test_the_answer_is_bounded() -> None:
    assert json.loads(prepare({**VALID, "max_tokens": 10**30}).body)["max_tokens"] == 5000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", None),
        ("max_tokens", 0),
        ("max_tokens", "5"),
        ("messages", []),
        ("messages", None),
        ("system", 5),
        ("system", [IMAGE]),
        ("metadata", {"user_id": "u", "tags": ["x"]}),
        ("metadata", {"user_id": 5}),
        ("metadata", {"trace_id": "x"}),
        ("temperature", 1.5),
        ("top_k", -1),
        ("stop_sequences", "x"),
        ("stop_sequences", [1]),
        ("stream", "yes"),
        ("thinking", {"type": "enabled"}),
        ("thinking", {"type": "enabled", "budget_tokens": 5000}),
        ("thinking", {"type": "enabled", "budget_tokens": 100}),
        ("thinking", "on"),
        ("tools", [{"type": "web_search_20250305", "name": "web_search"}]),
        ("tools", [{"name": "f"}]),
        ("tools", [{**TOOL, "type": "bash_20250124"}]),
        ("tools", [{**TOOL, "cache_control": {"type": "forever"}}]),
        ("tools", [{"name": "f", "input_schema": {"type": "object", "properties": 5}}]),
        ("tools", TOOL),
        ("tool_choice", {"type": "any"}),
        ("mcp_servers", []),
        ("service_tier", "auto"),
        ("api_key", "sk-other"),
        ("litellm_metadata", {}),
    ],
)
def test_what_is_wrong_or_steers_or_costs_more_is_refused(name: str, value: object) -> None:
    assert refusal(**{name: value}) == (400, name)


def test_thinking_has_to_fit_into_the_answer() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    assert refusal(max_tokens=1024, thinking=thinking) == (400, "thinking")
    assert prepare({**VALID, "max_tokens": 1025, "thinking": thinking})


def test_an_unknown_model_is_a_404() -> None:
    assert refusal(model="gpt-5") == (404, "model")


@pytest.mark.parametrize(
    "message",
    [
        "hi",
        {"role": "system", "content": "hi"},
        {"role": "user"},
        {"role": "user", "content": []},
        {"role": "user", "content": ["hi"]},
        {"role": "user", "content": [{"type": ["text"]}]},
        {"role": "user", "content": [{"type": "text", "text": 5}]},
        {"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]},
        {"role": "user", "content": [{"type": "image", "source": {"type": "text", "media_type": "m", "data": "d"}}]},
        {"role": "user", "content": [{"type": "document", "source": {"type": "url", "url": 5}}]},
        {"role": "user", "content": [{"type": "image", "source": {**LINK, "url": "http://a.org/b.png"}}]},
        {"role": "user", "content": [{"type": "image", "source": {**LINK, "format": "video/mp4"}}]},
        {"role": "user", "content": [{**USE, "input": "x"}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [USE]}]},
        {"role": "user", "content": [RESULT]},
        {"role": "user", "content": [USE]},
        {"role": "user", "content": [PLAIN]},
        {"role": "assistant", "content": [IMAGE]},
        {"role": "assistant", "content": " "},
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": 5}]},
        {"role": "user", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": ""}]},
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "file:///etc/passwd"}}]},
        {"role": "user", "content": [{**IMAGE, "source": {**IMAGE["source"], "data": "@"}}]},
        {"role": "user", "content": [{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]},
    ],
)
def test_a_malformed_message_is_named(message: object) -> None:
    status, param = refusal(messages=[{"role": "user", "content": "hi"}, message])
    assert status == 400
    assert str(param).startswith("messages.1")


def test_a_result_answers_a_call_of_the_last_message_that_makes_some() -> None:
    other = {**USE, "id": "t2"}
    calls = said(USE, role="assistant") + said(RESULT) + said(other, role="assistant")
    assert prepare({**VALID, "messages": [*calls, *said({**RESULT, "tool_use_id": "t2"})]})
    assert refusal(messages=[*calls, *said(RESULT)]) == (400, "messages.3.content")


def test_images_and_files_count_by_what_providers_make_of_them_wherever_they_are() -> None:
    def tokens(*content: Any) -> int:
        messages = said(USE, role="assistant") + said({"type": "text", "text": "a"}, *content)
        size: int = prepare({**VALID, "messages": messages}).size.input_tokens
        return size

    result = {**RESULT, "content": []}
    assert tokens(IMAGE) == tokens() + estimate.IMAGE_TOKENS
    assert tokens(PDF) == tokens() + estimate.ANY_TOKENS
    assert tokens({**result, "content": [IMAGE]}) == tokens(result) + estimate.IMAGE_TOKENS


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (404, "not_found_error"),
        (408, "invalid_request_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
    ],
)
def test_refusals_have_anthropics_shape(status: int, kind: str) -> None:
    error = RequestError(status, "code", "why", headers={"retry-after": "1"})
    response = anthropic.refusal(error)
    told = {"type": "error", "error": {"type": kind, "message": "why"}}
    assert (response.status_code, json.loads(bytes(response.body)), response.headers["retry-after"]) == (
        status,
        told,
        "1",
    )
    assert anthropic.event(error) == b"event: error\ndata: " + json.dumps(told).encode() + b"\n\n"
