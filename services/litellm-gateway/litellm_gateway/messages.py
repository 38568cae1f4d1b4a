"""The form of a conversation.

LiteLLM answers a malformed message with a 500, a traceback, or a paid call to the next provider; so the form is
checked first. What a message says is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from litellm_gateway import rules
from litellm_gateway.errors import invalid
from litellm_gateway.rules import is_address, is_base64, is_cacheable, is_text

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_USER: Final = ("text", "image_url", "input_audio", "file")
_ASSISTANT: Final = ("text", "refusal")
_TEXT: Final = ("text",)
"""The parts that a message may have, by role: as with OpenAI, anybody else but these two says texts alone."""

_INSTEAD: Final = {
    "assistant": ("tool_calls", "function_call", "refusal"),
    "function": ("name",),
}
"""By role, what a message may hold instead of content."""


def check(messages: object) -> None:
    """Raise a 400 that names the first message at fault."""
    called: set[str] = set()
    for position, message in enumerate(rules.messages(messages)):
        where = f"messages[{position}]"
        if not isinstance(message, dict) or message.get("role") not in ROLES or not is_cacheable(message):
            raise invalid("invalid_value", f"'{where}' has to be an object with a role: {', '.join(ROLES)}.", where)
        _check_calls(message, where)
        _check_content(message, where)
        if message["role"] == "tool" and message["tool_call_id"] not in called:
            text = f"'{where}.tool_call_id' has to name a call of the last message before it that makes calls."
            raise invalid("invalid_value", text, f"{where}.tool_call_id")
        called = {call["id"] for call in message.get("tool_calls") or ()} or called


def _check_content(message: dict[str, Any], where: str) -> None:
    content, role = message.get("content"), message["role"]
    if content is None and any(message.get(name) for name in _INSTEAD.get(role, ())):
        return
    if isinstance(content, str):
        return
    kinds = {"user": _USER, "assistant": _ASSISTANT}.get(role, _TEXT)
    if not isinstance(content, list) or not content or not all(_is_part(part, kinds) for part in content):
        text = f"'{where}.content' has to be a text or a list of well-formed parts of the types {', '.join(kinds)}."
        raise invalid("invalid_value", text, f"{where}.content")


def _is_part(part: object, kinds: Collection[str]) -> bool:
    """Whether a part is of one of these types and has, under that type's name, its content."""
    if not isinstance(part, dict) or not isinstance(kind := part.get("type"), str):
        return False
    return kind in kinds and _PARTS[kind](part.get(kind)) and is_cacheable(part)


def _check_calls(message: dict[str, Any], where: str) -> None:
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        text = f"'{where}.tool_call_id' has to name the call that is answered."
        raise invalid("missing_required_parameter", text, f"{where}.tool_call_id")
    calls = message.get("tool_calls")
    if calls is not None and (not isinstance(calls, list) or not all(_is_call(call) for call in calls)):
        text = f"'{where}.tool_calls' has to be a list of calls with an id and a function with name and arguments."
        raise invalid("invalid_value", text, f"{where}.tool_calls")
    if message.get("function_call") is not None and not _is_named(message["function_call"]):
        text = f"'{where}.function_call' has to be an object with name and arguments."
        raise invalid("invalid_value", text, f"{where}.function_call")
    if not isinstance(message.get("name"), str | None):
        raise invalid("invalid_value", f"'{where}.name' has to be a text.", f"{where}.name")


def _is_call(call: object) -> bool:
    return isinstance(call, dict) and isinstance(call.get("id"), str) and _is_named(call.get("function"))


def _is_named(function: object) -> bool:
    return (
        isinstance(function, dict)
        and is_text(function.get("name"))
        and isinstance(function.get("arguments"), str | None)
    )


def _is_image(value: object) -> bool:
    return (
        rules.has_only(value, "url", "detail")
        and _is_picture(value.get("url"))
        and isinstance(value.get("detail"), str | None)
    )


def _is_picture(url: object) -> bool:
    """Whether an image is in the web, or in the address itself."""
    return is_address(url) or _is_data(url, rules.IMAGES)


def _is_data(url: object, types: Collection[str]) -> bool:
    """Whether an address holds a file of one of these types itself."""
    if not isinstance(url, str):
        return False
    head, _, data = url.partition(";base64,")
    return head in {f"data:{each}" for each in types} and is_base64(data)


def _is_sound(value: object) -> bool:
    return rules.has_only(value, "data", "format") and is_base64(value.get("data")) and is_text(value.get("format"))


def _is_file(value: object) -> bool:
    if not rules.has_only(value, "filename", "file_data", "file_id"):
        return False
    name, data, kept = (value.get(field) for field in ("filename", "file_data", "file_id"))
    brought = rules.is_id(kept) if data is None else kept is None and _is_data(data, rules.DOCUMENTS)
    return brought and isinstance(name, str | None)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_PARTS: Final[dict[str, Callable[[object], bool]]] = {
    "text": _is_text,
    "image_url": _is_image,
    "input_audio": _is_sound,
    "file": _is_file,
    "refusal": _is_text,
}
