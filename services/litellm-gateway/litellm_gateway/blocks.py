"""The form of a conversation in Anthropic's blocks; what it says is nobody's business here.

Source: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litellm_gateway import rules
from litellm_gateway.errors import invalid
from litellm_gateway.rules import MOST_MESSAGES, is_address, is_base64, is_cacheable, is_list, is_text


def check(messages: object) -> None:
    """Raise a 400 that names the first message at fault."""
    used: set[str] = set()
    for position, message in enumerate(rules.messages(messages)):
        where = f"messages.{position}"
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise invalid("invalid_value", f"'{where}' has to be an object with a role: user, assistant.", where)
        flaw = _flaw(message, used)
        if flaw:
            raise invalid("invalid_value", f"'{where}.content' {flaw}.", f"{where}.content")


def _flaw(message: dict[str, Any], used: set[str]) -> str:
    """What is wrong with a content. `used` are the ids of the last calls before it, and becomes those it makes."""
    content = message.get("content")
    known = _USER if message["role"] == "user" else _ASSISTANT
    if not _is_content(content, known):
        return f"has to be a text or a list of well-formed blocks of type {', '.join(known)}"
    blocks: list[dict[str, Any]] = content if isinstance(content, list) else [{"type": "text", "text": content}]
    if all(block["type"] == "text" and not block["text"].strip() for block in blocks):
        return "has to say something"
    if not {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"} <= used:
        return "has a tool_result whose tool_use_id the last message before it that makes calls has not"
    made = {block["id"] for block in blocks if block["type"] == "tool_use"}
    if made:
        used.clear()
        used.update(made)
    return ""


def is_system(value: object) -> bool:
    """Whether it can be a system prompt."""
    return _is_content(value, {"text": _is_saying})


def _is_content(value: object, known: dict[str, Callable[[Any], bool]]) -> bool:
    return isinstance(value, str) or is_list(value, lambda block: _is_block(block, known), MOST_MESSAGES)


def _is_block(value: object, known: dict[str, Callable[[Any], bool]]) -> bool:
    if not isinstance(value, dict) or not isinstance(kind := value.get("type"), str):
        return False
    return kind in known and known[kind](value) and is_cacheable(value)


def _is_saying(block: dict[str, Any]) -> bool:
    return isinstance(block.get("text"), str)


def _is_media(block: dict[str, Any]) -> bool:
    """Whether an image or a document comes whole or from the web; other providers take no documents that are text."""
    source = block.get("source")
    if not isinstance(source, dict):
        return False
    if source.get("type") == "url":
        return rules.has_only(source, "type", "url") and is_address(source.get("url"))
    types = rules.IMAGES if block["type"] == "image" else rules.DOCUMENTS
    return source.get("type") == "base64" and source.get("media_type") in types and is_base64(source.get("data"))


def _is_use(block: dict[str, Any]) -> bool:
    return is_text(block.get("id")) and is_text(block.get("name")) and isinstance(block.get("input"), dict)


def _is_result(block: dict[str, Any]) -> bool:
    content = block.get("content")
    return is_text(block.get("tool_use_id")) and (content in (None, []) or _is_content(content, _SHOWN))


_SHOWN: Final[dict[str, Callable[[Any], bool]]] = {"text": _is_saying, "image": _is_media, "document": _is_media}
_USER: Final = {**_SHOWN, "tool_result": _is_result}
_ASSISTANT: Final[dict[str, Callable[[Any], bool]]] = {
    "text": _is_saying,
    "tool_use": _is_use,
    "thinking": lambda block: isinstance(block.get("thinking"), str) and isinstance(block.get("signature"), str),
    "redacted_thinking": lambda block: is_text(block.get("data")),
}
