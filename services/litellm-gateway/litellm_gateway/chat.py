"""What a chat completion may ask for.

LiteLLM lets a body choose keys, addresses, fallbacks and mocked answers, and passes a client's mistake from one paid
provider to the next. So a body names only the parameters listed here and is checked before anything is spent.
Left out on purpose: what costs money that `max_tokens` does not bound (`web_search_options`, `prediction`,
`service_tier`, `n` above 1, tools other than functions) and what LiteLLM takes for its own (`metadata`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from litellm_gateway import messages
from litellm_gateway.budget.estimate import Size, size
from litellm_gateway.errors import RequestError, invalid

PARAMETERS: Final = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "user", "n"),
        *("max_tokens", "max_completion_tokens", "stop", "seed", "temperature", "top_p", "top_k"),
        *("presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs"),
        *("response_format", "reasoning_effort", "thinking", "verbosity"),
        *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"),
        *("prompt_cache_key", "safety_identifier"),
    }
)

_NOT_JSON: Final = (ValueError, RecursionError)
"""What `json.loads` raises for text that is no JSON or no UTF-8, or is nested too deeply."""


@dataclass(frozen=True)
class Prepared:
    """A checked request: the model it names, and the most it can make of tokens."""

    model: str
    size: Size
    body: bytes


def prepare(body: bytes, *, models: Collection[str], max_tokens: int) -> Prepared:
    """Check a chat request and return it as LiteLLM gets it.

    `models` are the names that may be asked for; `max_tokens` (tokens) bounds the answer and is its default length.
    Raises a 400 for what cannot be a chat request, a 404 for an unknown model.
    """
    request = _parse(body)
    _check_parameters(request)
    _check_model(request, models)
    messages.check(request.get("messages"))
    _check_tools(request.get("tools"))
    _cap_tokens(request, max_tokens)
    return Prepared(request["model"], size(request), json.dumps(request, separators=(",", ":")).encode())


def _parse(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body, parse_constant=_no_constant)
    except _NOT_JSON:
        raise invalid("invalid_json", "The body is not valid JSON.") from None
    if not isinstance(request, dict):
        raise invalid("invalid_json", "The body has to be a JSON object.")
    return request


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_parameters(request: dict[str, Any]) -> None:
    unknown = sorted(set(request) - PARAMETERS)
    if unknown:
        name = unknown[0][:64]
        raise invalid("unknown_parameter", f"The parameter '{name}' is not accepted here.", name)
    if not isinstance(request.get("stream"), bool | None):
        raise invalid("invalid_type", "'stream' has to be true or false.", "stream")
    if request.get("n") is not None and request["n"] != 1:
        raise invalid("invalid_value", "'n' has to be 1: one answer per request.", "n")


def _check_model(request: dict[str, Any], models: Collection[str]) -> None:
    model = request.get("model")
    if not isinstance(model, str):
        raise invalid("missing_required_parameter", "'model' has to name a model.", "model")
    if model not in models:
        message = "The model does not exist. GET /v1/models lists those that do."
        raise RequestError(404, "model_not_found", message, param="model")


def _check_tools(tools: object) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or any(
        not isinstance(tool, dict) or tool.get("type") != "function" for tool in tools
    ):
        raise invalid("invalid_value", "'tools' has to be a list of tools of type 'function'.", "tools")


def _cap_tokens(request: dict[str, Any], limit: int) -> None:
    """Lower what is asked for to `limit`; without it LiteLLM asks for the most the model can give."""
    given = [name for name in ("max_tokens", "max_completion_tokens") if request.get(name) is not None]
    for name in given:
        value = request[name]
        if type(value) is not int or value < 1:
            raise invalid("invalid_value", f"'{name}' has to be a positive whole number.", name)
        request[name] = min(value, limit)
    if not given:
        request["max_tokens"] = limit
