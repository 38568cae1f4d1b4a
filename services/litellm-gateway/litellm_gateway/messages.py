"""The form of a conversation.

LiteLLM answers a malformed message with a 500, a traceback, or a paid call to the next provider; so the form is
checked first. What a message says is nobody's business here.
"""

from __future__ import annotations

from typing import Any, Final

from litellm_gateway.errors import invalid

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
PARTS: Final = ("text", "image_url", "input_audio", "file", "refusal")
_OPTIONAL_CONTENT: Final = frozenset({"assistant", "function"})
"""Roles whose message may hold calls or nothing instead of content."""


def check(messages: object) -> None:
    """Raise a 400 that names the first message at fault."""
    if not isinstance(messages, list) or not messages:
        raise invalid("invalid_type", "'messages' has to be a list with at least one message.", "messages")
    for position, message in enumerate(messages):
        where = f"messages[{position}]"
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise invalid("invalid_value", f"'{where}' has to be an object with a role: {', '.join(ROLES)}.", where)
        _check_content(message, where)
        _check_calls(message, where)


def _check_content(message: dict[str, Any], where: str) -> None:
    content = message.get("content")
    if isinstance(content, str) or (content is None and message["role"] in _OPTIONAL_CONTENT):
        return
    if not isinstance(content, list) or not content or not all(_is_part(part) for part in content):
        text = f"'{where}.content' has to be a text or a list of parts of the types {', '.join(PARTS)}."
        raise invalid("invalid_value", text, f"{where}.content")


def _is_part(part: object) -> bool:
    """Whether a part has a known type and, under that type's name, its content."""
    if not isinstance(part, dict) or part.get("type") not in PARTS:
        return False
    value = part.get(part["type"])
    return isinstance(value, str if part["type"] in {"text", "refusal"} else dict)


def _check_calls(message: dict[str, Any], where: str) -> None:
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        text = f"'{where}.tool_call_id' has to name the call that is answered."
        raise invalid("missing_required_parameter", text, f"{where}.tool_call_id")
    calls = message.get("tool_calls")
    if calls is not None and (not isinstance(calls, list) or not all(_is_call(call) for call in calls)):
        text = f"'{where}.tool_calls' has to be a list of calls with an id and a function with a name."
        raise invalid("invalid_value", text, f"{where}.tool_calls")


def _is_call(call: object) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("id"), str):
        return False
    function = call.get("function")
    return isinstance(function, dict) and isinstance(function.get("name"), str)
