"""What a chat request may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litellm_gateway import chat
from litellm_gateway.errors import RequestError
from litellm_gateway.models import Model

pytestmark = pytest.mark.unit

MESSAGES = [{"role": "user", "content": "hi"}]
VALID = {"model": "gpt-4o", "messages": MESSAGES}
GPT = Model("gpt-4o", "openai")
MODELS = {"gpt-4o": GPT, "gpt": GPT, "claude-sonnet": Model("claude-sonnet", "anthropic")}


def prepare(request: Any, *, raw: bytes | None = None) -> Any:
    body = json.dumps(request).encode() if raw is None else raw
    return json.loads(chat.prepare(body, models=MODELS, max_tokens=100).body)


def refusal(request: Any, *, raw: bytes | None = None) -> tuple[int, Any, Any]:
    with pytest.raises(RequestError) as caught:
        prepare(request, raw=raw)
    error = caught.value.body["error"]
    return caught.value.status, error["code"], error["param"]


def test_a_valid_request_passes_unchanged_but_for_its_bound() -> None:
    request = {**VALID, "stream": True, "temperature": 0.2, "tools": [{"type": "function", "function": {"name": "f"}}]}
    assert prepare(request) == {**request, "max_tokens": 100}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, {"max_tokens": 100}),
        ({"max_tokens": None}, {"max_tokens": 100}),
        ({"max_tokens": 10}, {"max_tokens": 10}),
        ({"max_tokens": 100_000}, {"max_tokens": 100}),
        ({"max_completion_tokens": 100_000}, {"max_completion_tokens": 100}),
        ({"max_tokens": 1, "max_completion_tokens": 101}, {"max_tokens": 1, "max_completion_tokens": 100}),
    ],
)
def test_tokens_are_capped(given: dict[str, Any], asked: dict[str, Any]) -> None:
    assert prepare({**VALID, **given}) == {**VALID, **asked}


@pytest.mark.parametrize("value", [0, -1, 1.5, "10", True, [], {}])
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_bound_has_to_be_a_positive_whole_number(name: str, value: object) -> None:
    assert refusal({**VALID, name: value}) == (400, "invalid_value", name)


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "api_base", "base_url", "api_version", "mock_response", "mock_testing_fallbacks", "mock_timeout"),
        *("fallbacks", "disable_fallbacks", "num_retries", "timeout", "custom_llm_provider", "extra_headers"),
        *("extra_body", "metadata", "litellm_metadata", "guardrails", "callbacks", "cache", "no-log", "user_config"),
        *("prediction", "web_search_options", "service_tier", "store", "model_list", "Model"),
    ],
)
def test_what_steers_or_costs_more_is_refused(name: str) -> None:
    assert refusal({**VALID, name: "x"}) == (400, "unknown_parameter", name)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{", b"[]", b'"text"', b"1", b"null", b"model=gpt-4o", b"\xff\xfe", b"[" * 100_000, b'{"a":NaN}'),
        *(b'{"temperature":Infinity}', b"\x1f\x8b\x08\x00"),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert refusal(None, raw=raw) == (400, "invalid_json", None)


@pytest.mark.parametrize("model", ["gpt-4", "", "openai/gpt-4o", "gpt-4o ", "*"])
def test_an_unknown_model_does_not_exist(model: str) -> None:
    assert refusal({**VALID, "model": model}) == (404, "model_not_found", "model")


@pytest.mark.parametrize("model", [None, 1, ["gpt-4o"], {}])
def test_a_model_has_to_be_named(model: object) -> None:
    assert refusal({**VALID, "model": model}) == (400, "missing_required_parameter", "model")


@pytest.mark.parametrize(("name", "value"), [("stream", "yes"), ("stream", 1), ("stream", []), ("n", 2), ("n", [1])])
def test_other_parameters_that_matter_are_checked(name: str, value: object) -> None:
    assert refusal({**VALID, name: value})[2] == name


@pytest.mark.parametrize(("name", "value"), [("stream", None), ("stream", False), ("n", None), ("n", 1)])
def test_their_harmless_values_pass(name: str, value: object) -> None:
    assert prepare({**VALID, name: value})[name] == value


def test_an_alias_becomes_the_model_it_means() -> None:
    assert prepare({**VALID, "model": "gpt"})["model"] == "gpt-4o"


def test_functions_that_litellm_would_leave_out_are_refused() -> None:
    request = {**VALID, "functions": [{"name": "f"}]}
    assert refusal({**request, "model": "claude-sonnet"}) == (400, "invalid_value", "functions")


def test_a_temperature_that_only_other_providers_take_is_refused() -> None:
    assert refusal({**VALID, "model": "claude-sonnet", "temperature": 1.5}) == (400, "invalid_value", "temperature")
    for model, value in (("claude-sonnet", 1), ("claude-sonnet", None), ("gpt", 1.5)):
        assert prepare({**VALID, "model": model, "temperature": value})["temperature"] == value


WRONG: dict[str, list[Any]] = {
    "temperature": ["hot", 2.1, -1, True, [], 10**400],
    "top_p": ["1", 1.1],
    "top_k": [0, 1.5, True],
    "n": [2, 0, True],
    "max_tokens": [0, -1, True, 1.5, "10"],
    "max_completion_tokens": [0, True],
    "seed": [2**63, "1"],
    "presence_penalty": [3],
    "frequency_penalty": [{}],
    "logprobs": [1],
    "top_logprobs": [21, 1],
    "logit_bias": [[], {"a": 1}, {"1": 101}, {"1": "x"}],
    "stop": ["", [], [""], ["x"] * 17, 5, [1]],
    "response_format": [
        *("json", {}, {"type": "xml"}, {"type": "json_schema"}),
        {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}},
    ],
    "reasoning_effort": ["much", "xhigh", 1],
    "verbosity": [[]],
    "thinking": [True, {"type": "enabled", "budget_tokens": 1024}],
    "tool_choice": ["auto"],
    "parallel_tool_calls": [True],
    "functions": [
        *([{}], {"name": "f"}, [{"name": "f", "parameters": "x"}]),
        [{"name": "web_search", "type": "web_search"}],
    ],
    "function_call": ["auto"],
    "stream_options": [{"include_usage": True}, {"x": True}],
    "user": [5, "x" * 5000],
    "safety_identifier": [[]],
    "prompt_cache_key": [{}],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_parameter_of_the_wrong_kind_is_named(name: str, value: object) -> None:
    assert refusal({**VALID, name: value}) == (400, "invalid_value", name)


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 2, "top_p": 0, "top_k": 1, "seed": -1, "presence_penalty": -2.0, "frequency_penalty": 2},
        {"logit_bias": {"50256": -100}, "logprobs": True, "top_logprobs": 5, "stop": "x", "user": ""},
        {"stream": True, "stream_options": {"include_usage": True}, "stop": ["a", "b"], "reasoning_effort": "low"},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}}},
        {"response_format": {"type": "json_object"}, "verbosity": "low", "thinking": {"type": "disabled"}},
        {"functions": [{"name": "f"}], "function_call": {"name": "f"}},
        {
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "parallel_tool_calls": False,
        },
    ],
)
def test_what_openai_takes_passes(more: dict[str, Any]) -> None:
    assert prepare({**VALID, **more}) == {**VALID, **more, "max_tokens": 100}


@pytest.mark.parametrize(
    "tools",
    [
        {},
        "x",
        [1],
        [{}],
        [{"type": "web_search_20250305"}],
        [{"type": "mcp", "server_url": "litellm_proxy"}],
        [{"type": "function"}],
        [{"type": "function", "function": {"name": "f", "type": "web_search"}}],
        [{"type": "function", "function": {"name": "f"}, "googleSearch": {}}],
        [{"type": "function", "function": {"name": "f"}}] * 129,
    ],
)
def test_tools_are_functions(tools: object) -> None:
    assert refusal({**VALID, "tools": tools}) == (400, "invalid_value", "tools")


@pytest.mark.parametrize("conversation", [None, "hi", [], [{"role": "user"}]])
def test_the_conversation_is_checked(conversation: object) -> None:
    assert refusal({**VALID, "messages": conversation})[0] == 400


def test_a_half_character_in_a_name_is_answered_all_the_same() -> None:
    with pytest.raises(RequestError) as caught:
        prepare(None, raw=b'{"\\ud800":1}')
    assert caught.value.response().status_code == 400


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
words = st.sampled_from(["role", "content", "type", "text", "tool_calls", "tool_call_id", "user", "tool", "assistant"])
parts = st.recursive(
    anything | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(sorted(chat.PARAMETERS)), parts, max_size=4), st.booleans())
def test_anything_is_either_prepared_or_refused(request: dict[str, Any], valid_base: bool) -> None:
    whole = {**VALID, **request} if valid_base else request
    refusals: list[RequestError] = []
    try:
        prepared = prepare(whole)
    except RequestError as refused:
        refusals.append(refused)
    if refusals:
        assert 400 <= refusals[0].response().status_code < 500
    else:
        assert 1 <= max(prepared.get("max_tokens") or 0, prepared.get("max_completion_tokens") or 0) <= 100
