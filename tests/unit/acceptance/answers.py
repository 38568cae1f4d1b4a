"""Answers as a good gateway gives them, for the unit tests to spoil."""

from __future__ import annotations

import json
from typing import Any

import httpx

from gateway.acceptance.client import Answer

NAMES = ["claude-sonnet", "gpt-4o", "gemini-pro", "gemini-flash"]
OWNERS = {"claude-sonnet": "anthropic", "gpt-4o": "openai", "gemini-pro": "google", "gemini-flash": "google"}
GOOD_HEALTH: dict[str, Any] = {"status": "healthy", "models": NAMES}
ERROR = {"error": {"message": "Bad key.", "type": "authentication_error", "param": None, "code": "invalid_api_key"}}


def answer(body: Any, status: int = 200, /, **headers: str) -> Answer:
    """An answer with `body` as JSON, or as it is where it is bytes; `_` in header names stands for `-`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, httpx.Headers({"content-type": "application/json"} | named), content, 0.5)


def model_list() -> dict[str, Any]:
    """The plan's body of /v1/models."""
    return {
        "data": [
            {"id": name, "object": "model", "created": 1705478400, "owned_by": owner} for name, owner in OWNERS.items()
        ]
    }


def chat(content: str = "Hello!") -> dict[str, Any]:
    """The plan's body of a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1705478400,
        "model": "claude-sonnet",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14},
    }


def chunk(content: str | None) -> bytes:
    """One event of a streamed completion."""
    delta = {} if content is None else {"role": "assistant", "content": content}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def events(*pieces: bytes) -> Answer:
    """A stream of `pieces`."""
    return answer(b"".join(pieces), content_type="text/event-stream; charset=utf-8")
