"""Anthropic's clients: what `POST /v1/messages` may ask for, and errors in Anthropic's shape.

Left out on purpose: tools that Anthropic runs itself, files kept there, and whatever else costs money that `max_tokens`
does not bound (`mcp_servers`, `container`, `service_tier`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from litellm_gateway import blocks, json_body, rules
from litellm_gateway.chat import Prepared
from litellm_gateway.errors import invalid
from litellm_gateway.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_gateway.errors import RequestError
    from litellm_gateway.models import Model

_KINDS: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_FIRST_OF_SERVER: Final = 500
_LONGEST_ID: Final = 256


def refusal(error: RequestError) -> JSONResponse:
    """The refusal in the shape of Anthropic's errors. Source: https://docs.anthropic.com/en/api/errors"""
    return JSONResponse(_body(error), status_code=error.status, headers=error.headers)


def event(error: RequestError) -> bytes:
    """The refusal as the last event of a stream."""
    return b"event: error\ndata: " + json.dumps(_body(error)).encode() + b"\n\n"


def _body(error: RequestError) -> dict[str, Any]:
    otherwise = "api_error" if error.status >= _FIRST_OF_SERVER else "invalid_request_error"
    told = {"type": _KINDS.get(error.status, otherwise), "message": error.body["error"]["message"]}
    return {"type": "error", "error": told}


def prepare(body: bytes, *, models: Mapping[str, Model], max_tokens: int) -> Prepared:
    """Check a request for a message; see `chat.prepare`. Like Anthropic it wants `max_tokens`."""
    request = json_body.parse(body)
    rules.check(request, PARAMETERS, {"tool_choice": "tools"})
    rules.resolve_model(request, models)
    if request.get("max_tokens") is None:
        raise invalid("missing_required_parameter", "'max_tokens' has to be a positive whole number.", "max_tokens")
    blocks.check(request.get("messages"))
    bound = rules.cap_tokens(request, max_tokens, "max_tokens")
    rules.check_thinking(request, bound)
    return Prepared.of(request)


def _is_tool(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("type") in (None, "custom")
        and isinstance(value.get("input_schema"), dict)
        and rules.is_function(value, "input_schema")
        and rules.is_cacheable(value)
    )


def _is_tool_choice(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("disable_parallel_tool_use"), bool | None):
        return False
    return rules.is_text(value.get("name")) if value.get("type") == "tool" else value.get("type") in _CHOICES


_CHOICES: Final = ("auto", "any", "none")


def _is_metadata(value: object) -> bool:
    """Anthropic knows one field of it, LiteLLM many more that steer it."""
    return isinstance(value, dict) and all(
        name == "user_id" and isinstance(user, str) and len(user) <= _LONGEST_ID for name, user in value.items()
    )


PARAMETERS: Final[rules.Rules] = {
    "model": rules.ANY,
    "messages": rules.ANY,
    "max_tokens": rules.TOKENS,
    "system": Rule(blocks.is_system, "a text or a list of blocks of type text"),
    "metadata": Rule(_is_metadata, "an object with a user_id"),
    "stop_sequences": Rule(
        lambda value: value == [] or (isinstance(value, list) and rules.STOP.test(value)), "a list of texts"
    ),
    "stream": rules.FLAG,
    "temperature": rules.number(0, 1),
    "top_p": rules.number(0, 1),
    "top_k": rules.whole(1, 1000),
    "thinking": rules.THINKING,
    "tools": rules.objects(_is_tool, "tools of type custom, each with a name and an input_schema"),
    "tool_choice": Rule(_is_tool_choice, "an object of type auto, any, none, or tool with a name"),
}
