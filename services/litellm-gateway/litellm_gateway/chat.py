"""What a chat completion may ask for: `POST /v1/chat/completions` of OpenAI.

Left out on purpose: what costs money that `max_tokens` does not bound (`web_search_options`, `prediction`,
`service_tier`, `n` above 1, tools other than functions) and what LiteLLM takes for its own (`metadata`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from litellm_gateway import json_body, messages, rules
from litellm_gateway.budget.estimate import Size, size
from litellm_gateway.errors import invalid
from litellm_gateway.models import Model
from litellm_gateway.rules import Rule

_TOOLS_ALONE: Final = frozenset({"anthropic"})
_MOST_BIASES: Final = 1024
_LARGEST_BIAS: Final = 100


@dataclass(frozen=True)
class Prepared:
    """A checked request: the model it names, the most it can make of tokens, and the body as LiteLLM gets it."""

    model: str
    size: Size
    body: bytes

    @classmethod
    def of(cls, request: dict[str, Any]) -> Self:
        """A request that was checked, and whose answer is bounded."""
        body = json_body.encode(request)
        return cls(request["model"], size(request, body), body)


def prepare(body: bytes, *, models: Mapping[str, Model], max_tokens: int) -> Prepared:
    """Check a chat request and return it as LiteLLM gets it.

    `models` maps the names that may be asked for to models; `max_tokens` (tokens) bounds the answer and is its default
    length. Raises a 400 for what cannot be a chat request, a 404 for an unknown model.
    """
    request = json_body.parse(body)
    rules.check(request, PARAMETERS, _NEEDS)
    provider = rules.resolve_model(request, models).provider
    rules.check_temperature(request, provider)
    _check_functions(request, provider)
    messages.check(request.get("messages"))
    bound = rules.cap_tokens(request, max_tokens, "max_tokens", "max_completion_tokens")
    rules.check_thinking(request, bound)
    return Prepared.of(request)


def _check_functions(request: Mapping[str, Any], provider: str) -> None:
    """Raise a 400 where LiteLLM would leave them out, and the answer be paid for without them."""
    if request.get("functions") and provider in _TOOLS_ALONE:
        raise invalid("invalid_value", "'functions' are not taken by this model. Send them as 'tools'.", "functions")


def _is_function(value: object) -> bool:
    """One with a `type` of its own becomes a search that is paid for by the query."""
    if not rules.has_only(value, "name", "description", "parameters", "strict", "cache_control"):
        return False
    return rules.is_function(value) and rules.is_cacheable(value)


def _is_tool(value: object) -> bool:
    if not rules.has_only(value, "type", "function", "cache_control"):
        return False
    return value.get("type") == "function" and _is_function(value.get("function")) and rules.is_cacheable(value)


def _is_tool_choice(value: object) -> bool:
    if isinstance(value, dict):
        return value.get("type") == "function" and _names_a_function(value.get("function"))
    return value in ("none", "auto", "required")


def _is_function_call(value: object) -> bool:
    return _names_a_function(value) or value in ("none", "auto")


def _names_a_function(value: object) -> bool:
    return isinstance(value, dict) and rules.is_text(value.get("name"))


def _is_format(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("type") != "json_schema":
        return value.get("type") in ("text", "json_object")
    return rules.is_function(value.get("json_schema"), "schema")


def _are_biases(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= _MOST_BIASES
        and all(token.isdecimal() for token in value)
        and all(rules.number(-_LARGEST_BIAS, _LARGEST_BIAS).test(bias) for bias in value.values())
    )


def _are_stream_options(value: object) -> bool:
    return isinstance(value, dict) and all(
        name in ("include_usage", "include_obfuscation") and isinstance(flag, bool) for name, flag in value.items()
    )


PARAMETERS: Final[rules.Rules] = {
    "model": rules.ANY,
    "messages": rules.ANY,
    "stream": rules.FLAG,
    "stream_options": Rule(_are_stream_options, "an object with include_usage true or false"),
    "n": rules.whole(1, 1),
    "max_tokens": rules.TOKENS,
    "max_completion_tokens": rules.TOKENS,
    "stop": rules.STOP,
    "seed": rules.whole(-(2**63), 2**63 - 1),
    "temperature": rules.number(0, 2),
    "top_p": rules.number(0, 1),
    "top_k": rules.whole(1, 1000),
    "presence_penalty": rules.number(-2, 2),
    "frequency_penalty": rules.number(-2, 2),
    "logit_bias": Rule(_are_biases, "an object of token ids and numbers from -100 to 100"),
    "logprobs": rules.FLAG,
    "top_logprobs": rules.whole(0, 20),
    "response_format": Rule(_is_format, "an object of type text, json_object, or json_schema with a named json_schema"),
    "reasoning_effort": rules.one_of("none", "minimal", "low", "medium", "high"),
    "thinking": rules.THINKING,
    "verbosity": rules.one_of("low", "medium", "high"),
    "tools": rules.objects(_is_tool, "tools of type function, each with a named function"),
    "tool_choice": Rule(_is_tool_choice, "none, auto, required, or an object that names a function"),
    "parallel_tool_calls": rules.FLAG,
    "functions": rules.objects(_is_function, "functions, each with a name and no type"),
    "function_call": Rule(_is_function_call, "none, auto, or an object that names a function"),
    "user": rules.LABEL,
    "prompt_cache_key": rules.LABEL,
    "safety_identifier": rules.LABEL,
}

_NEEDS: Final = {
    "stream_options": "stream",
    "top_logprobs": "logprobs",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "function_call": "functions",
}
