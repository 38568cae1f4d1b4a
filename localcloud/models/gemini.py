"""Gemini's generateContent and streamGenerateContent. Source: https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request

from localcloud.models.wire import Json, Question, Reply, event, missing

path = "/v1beta/models/{model}:{method}"
key_refused = (400, "API key not valid. Please pass a valid API key.")

METHODS = ("generateContent", "streamGenerateContent")

_ERRORS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def key(request: Request) -> str:
    """From the header x-goog-api-key, else from the query."""
    return request.headers.get("x-goog-api-key") or request.query_params.get("key", "")


def question(request: Request, body: Mapping[str, Any]) -> Question:
    """Model and method are in the path."""
    return Question(request.path_params["model"], request.path_params["method"] == METHODS[1], body)


def flaw(request: Request, body: Mapping[str, Any]) -> str:
    """One of two methods and contents are needed."""
    if request.path_params["method"] not in METHODS:
        return f"unknown method {request.path_params['method']}"
    return missing(body, "contents")


def answer(reply: Reply) -> Json:
    """A response with one candidate."""
    return _response(reply, _part(reply, reply.text), "STOP")


def events(reply: Reply) -> Iterator[bytes]:
    """A response for each piece, the last one with the reason to stop."""
    pieces = [reply.text] if reply.tool else reply.pieces
    for number, piece in enumerate(pieces, 1):
        yield event(_response(reply, _part(reply, piece), "STOP" if number == len(pieces) else None))


def error(status: int, message: str) -> Json:
    """Google's error object."""
    return {"error": {"code": status, "message": message, "status": _ERRORS.get(status, "UNKNOWN")}}


def _part(reply: Reply, text: str) -> Json:
    return {"functionCall": {"name": reply.tool, "args": reply.arguments}} if reply.tool else {"text": text}


def _response(reply: Reply, part: Json, finish_reason: str | None) -> Json:
    candidate: Json = {"content": {"parts": [part], "role": "model"}, "index": 0}
    if finish_reason:
        candidate["finishReason"] = finish_reason
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": reply.prompt_tokens,
            "candidatesTokenCount": reply.completion_tokens,
            "totalTokenCount": reply.prompt_tokens + reply.completion_tokens,
        },
        "modelVersion": reply.model,
        "responseId": reply.id,
    }
