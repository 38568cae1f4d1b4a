"""The form of a conversation in Anthropic's blocks; what it says is nobody's business here.

Source: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litellm_gateway import rules
from litellm_gateway.errors import invalid
from litellm_gateway.rules import MOST_MESSAGES, is_list, is_text


def check(messages: object) -> None:
    """Raise a 400 that names the first message at fault."""
    used: set[str] = set()
    for position, message in enumerate(rules.messages(messages)):
        where = f"messages.{position}"
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise invalid("invalid_value", f"'{where}' has to be an object with a role: user, assistant.", where)
        if not _is_content(message.get("content"), _BLOCKS):
            text = f"'{where}.content' has to be a text or a list of well-formed blocks of type {', '.join(_BLOCKS)}."
            raise invalid("invalid_value", text, f"{where}.content")
        found = [block for block in message["content"] if isinstance(block, dict)]
        if not {block["tool_use_id"] for block in found if block["type"] == "tool_result"} <= used:
            text = f"'{where}.content' has a tool_result whose tool_use_id no message before it has."
            raise invalid("invalid_value", text, f"{where}.content")
        used.update(block["id"] for block in found if block["type"] == "tool_use")


def is_system(value: object) -> bool:
    """Whether it can be a system prompt."""
    return _is_content(value, {"text": _BLOCKS["text"]})


def _is_content(value: object, known: dict[str, Callable[[Any], bool]]) -> bool:
    return isinstance(value, str) or is_list(value, lambda block: _is_block(block, known), MOST_MESSAGES)


def _is_block(value: object, known: dict[str, Callable[[Any], bool]]) -> bool:
    if not isinstance(value, dict) or not isinstance(kind := value.get("type"), str):
        return False
    return kind in known and known[kind](value)


def _is_image(block: dict[str, Any]) -> bool:
    source = block.get("source")
    return isinstance(source, dict) and source.get("type") in ("base64", "url") and _is_source(source)


def _is_document(block: dict[str, Any]) -> bool:
    source = block.get("source")
    return isinstance(source, dict) and _is_source(source)


def _is_source(source: dict[str, Any]) -> bool:
    if source.get("type") == "url":
        return is_text(source.get("url"))
    return (
        source.get("type") in ("base64", "text") and is_text(source.get("media_type")) and is_text(source.get("data"))
    )


def _is_use(block: dict[str, Any]) -> bool:
    return is_text(block.get("id")) and is_text(block.get("name")) and isinstance(block.get("input"), dict)


def _is_result(block: dict[str, Any]) -> bool:
    content = block.get("content")
    return is_text(block.get("tool_use_id")) and (content in (None, []) or _is_content(content, _SHOWN))


_SHOWN: Final[dict[str, Callable[[Any], bool]]] = {
    "text": lambda block: isinstance(block.get("text"), str),
    "image": _is_image,
    "document": _is_document,
}

_BLOCKS: Final[dict[str, Callable[[Any], bool]]] = {
    **_SHOWN,
    "tool_use": _is_use,
    "tool_result": _is_result,
    "thinking": lambda block: isinstance(block.get("thinking"), str) and isinstance(block.get("signature"), str),
    "redacted_thinking": lambda block: is_text(block.get("data")),
}
