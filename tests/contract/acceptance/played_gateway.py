"""A gateway that is played: right in everything until a test spoils one answer of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from localcloud.core.server import close_connection

KEY = "sk-0123456789abcdef0123456789abcdef"
TINY_KEY = "sk-fedcba9876543210fedcba9876543210"
OWNERS = {"claude-sonnet": "anthropic", "gpt-4o": "openai", "gemini-pro": "google", "gemini-flash": "google"}
PROBE = "fallback-probe"
DEAR = 4000

Play = Callable[[Request], Awaitable[Response]]


def error(status: int, message: str, kind: str = "invalid_request_error", code: str | None = None) -> JSONResponse:
    """An error in OpenAI's shape."""
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)


def always(response: Callable[[], Response]) -> Play:
    """Plays the same response every time."""

    async def play(request: Request) -> Response:
        return response()

    return play


def html(status: int = 200) -> Play:
    """A page for people, as a captive portal or an edge shows it."""
    return always(lambda: Response("<html>Hello, guest</html>", status, media_type="text/html"))


@dataclass
class PlayedGateway:
    """An ASGI application. `plays` replaces answers by "METHOD /path" or by "model NAME", streams included."""

    deployment: str | None = "d-1"
    plays: dict[str, Play] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    spent_up: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        name = f"{request.method} {request.url.path}"
        self.asked.append(name)
        if name in self.cut:
            await close_connection(scope, receive)
            return
        response = await self.plays.get(name, self._answer)(request)
        if self.deployment:
            response.headers.setdefault("x-gateway-deployment", self.deployment)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        match (request.method, request.url.path):
            case ("GET", "/health"):
                return JSONResponse({"status": "healthy", "models": list(OWNERS)})
            case ("GET", "/v1/models"):
                return JSONResponse({"data": [model(name) for name in OWNERS]})
            case ("GET", "/v1/budget") if bearer(request) in {KEY, TINY_KEY}:
                return JSONResponse({"accounts": [account(left="0.0009" if self.spent_up else "0.0099")]})
            case ("POST", "/v1/chat/completions"):
                return await self._chat(request)
        return error(404, "No such path.", code="not_found")

    async def _chat(self, request: Request) -> Response:
        key = bearer(request)
        if key not in {KEY, TINY_KEY}:
            return error(401, "Wrong key.", "authentication_error", "invalid_api_key")
        asked = await request.json()
        if key == TINY_KEY and (self.spent_up or asked["max_tokens"] > DEAR):
            return over_budget()
        play = self.plays.get(f"model {asked['model']}")
        if play:
            return await play(request)
        if asked.get("stream"):
            return stream("Hel", "lo!")
        return fell_back("gemini-flash") if asked["model"] == PROBE else completion(asked["model"])


def bearer(request: Request) -> str:
    """The key that a request shows."""
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def account(left: str) -> dict[str, Any]:
    """What a client with a cent a day is told of it."""
    return {"account": "key:tiny", "limit_usd": "0.01", "left_usd": left}


def over_budget(code: str = "budget_exceeded") -> JSONResponse:
    """The refusal of a call that could pass its client's budget."""
    answer = error(429, "Today's budget is used up.", "budget_exceeded", code)
    answer.headers["retry-after"] = "3600"
    return answer


def model(name: str) -> dict[str, Any]:
    """An entry of /v1/models."""
    return {"id": name, "object": "model", "created": 1705478400, "owned_by": OWNERS.get(name, "openai")}


def completion(name: str, content: str = "Hello!", fallbacks: int = 0) -> JSONResponse:
    """A completion that model `name` gave, with the headers that LiteLLM sends."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1705478400,
        "model": name,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14},
    }
    headers = {
        "x-litellm-model-group": name,
        "x-litellm-attempted-fallbacks": str(fallbacks),
        "x-litellm-call-id": f"call-{name}",
        "x-litellm-overhead-duration-ms": "12.5",
    }
    return JSONResponse(body, headers=headers)


def fell_back(name: str) -> JSONResponse:
    """A completion that model `name` gave in the place of another."""
    return completion(name, fallbacks=1)


def stream(*pieces: str, done: bool = True, pause: float = 0.0) -> StreamingResponse:
    """A streamed completion."""

    async def events() -> Any:
        for piece in pieces:
            await asyncio.sleep(pause)
            chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": piece}}]}
            yield f"data: {json.dumps(chunk)}\n\n"
        if done:
            yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
