"""Anthropic's messages. Source: https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request

from localcloud.models.wire import Json, Question, Reply, event, missing

path = "/v1/messages"
key_refused = (401, "invalid x-api-key")

_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def key(request: Request) -> str:
    """From the header x-api-key."""
    return request.headers.get("x-api-key", "")


def question(_request: Request, body: Mapping[str, Any]) -> Question:
    """All of it is in the body."""
    return Question(str(body.get("model", "")), bool(body.get("stream")), body)


def flaw(request: Request, body: Mapping[str, Any]) -> str:
    """A version of the API, a model, messages and a limit of tokens are needed."""
    if not request.headers.get("anthropic-version"):
        return "anthropic-version: header is required"
    return missing(body, "model", "messages", "max_tokens")


def answer(reply: Reply) -> Json:
    """A message."""
    text: Json = {"type": "text", "text": reply.text}
    content = _call(reply, reply.arguments) if reply.tool else text
    return _message(reply, [content], _reason(reply), reply.completion_tokens)


def events(reply: Reply) -> Iterator[bytes]:
    """A message's beginning, its one block in pieces, and its end."""
    block = _call(reply, {}) if reply.tool else {"type": "text", "text": ""}
    kind, field = ("input_json_delta", "partial_json") if reply.tool else ("text_delta", "text")
    yield _event("message_start", message=_message(reply, [], None, 1))
    yield _event("content_block_start", index=0, content_block=block)
    for piece in reply.pieces:
        yield _event("content_block_delta", index=0, delta={"type": kind, field: piece})
    yield _event("content_block_stop", index=0)
    ending = {"stop_reason": _reason(reply), "stop_sequence": None}
    yield _event("message_delta", delta=ending, usage={"output_tokens": reply.completion_tokens})
    yield _event("message_stop")


def error(status: int, message: str) -> Json:
    """An error object."""
    kind = _ERRORS.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_local"}


def _call(reply: Reply, arguments: Json) -> Json:
    return {"type": "tool_use", "id": f"toolu_{reply.id}", "name": reply.tool, "input": arguments}


def _reason(reply: Reply) -> str:
    return "tool_use" if reply.tool else "end_turn"


def _event(name: str, **fields: Any) -> bytes:
    return event({"type": name, **fields}, name)


def _message(reply: Reply, content: list[Json], stop_reason: str | None, output_tokens: int) -> Json:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": reply.prompt_tokens, "output_tokens": output_tokens},
    }
