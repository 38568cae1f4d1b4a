"""OpenAI's chat completions. Source: https://platform.openai.com/docs/api-reference/chat"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request

from localcloud.core.rest import bearer
from localcloud.models.wire import Json, Question, Reply, event, missing

path = "/v1/chat/completions"
key_refused = (401, "Incorrect API key provided. You can find your API key in the settings of your account.")

_ERRORS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}


def key(request: Request) -> str:
    """From the Authorization header."""
    return bearer(request)


def question(_request: Request, body: Mapping[str, Any]) -> Question:
    """All of it is in the body."""
    return Question(str(body.get("model", "")), bool(body.get("stream")), body)


def flaw(_request: Request, body: Mapping[str, Any]) -> str:
    """A model and messages are needed."""
    return missing(body, "model", "messages")


def answer(reply: Reply) -> Json:
    """A chat completion."""
    message: Json = {"role": "assistant", "content": reply.text, "refusal": None}
    if reply.tool:
        message |= {"content": None, "tool_calls": [_call(reply, reply.text)]}
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": "chat.completion",
        "created": reply.created,
        "model": reply.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(reply)}],
        "usage": _usage(reply),
        "system_fingerprint": "fp_local",
    }


def events(reply: Reply) -> Iterator[bytes]:
    """Chunks with a piece each, one that stops, one with the usage, and the end."""
    if reply.tool:
        yield event(_chunk(reply, [_choice({"role": "assistant", "tool_calls": [_call(reply, "", index=0)]}, None)]))
    for piece in reply.pieces:
        more = {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
        delta = more if reply.tool else {"role": "assistant", "content": piece}
        yield event(_chunk(reply, [_choice(delta, None)]))
    yield event(_chunk(reply, [_choice({}, _reason(reply))]))
    yield event({**_chunk(reply, []), "usage": _usage(reply)})
    yield b"data: [DONE]\n\n"


def error(status: int, message: str) -> Json:
    """An error object."""
    kind, code = _ERRORS.get(status, ("server_error", None))
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _chunk(reply: Reply, choices: list[Json]) -> Json:
    head = {"id": f"chatcmpl-{reply.id}", "object": "chat.completion.chunk"}
    return {**head, "created": reply.created, "model": reply.model, "choices": choices}


def _choice(delta: Json, finish_reason: str | None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _call(reply: Reply, arguments: str, **place: int) -> Json:
    function = {"name": reply.tool, "arguments": arguments}
    return {**place, "id": f"call_{reply.id}", "type": "function", "function": function}


def _reason(reply: Reply) -> str:
    return "tool_calls" if reply.tool else "stop"


def _usage(reply: Reply) -> Json:
    total = reply.prompt_tokens + reply.completion_tokens
    return {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens, "total_tokens": total}
