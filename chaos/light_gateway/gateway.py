"""A gateway without LiteLLM: it keeps the contract that the acceptance checks judge, and starts in a tenth of a second.

`SPOILED` makes it a release that must be refused. health: another body; models: one is missing; open: anybody may chat;
fallback: none happens; html: a captive page with 200; old: another build answers;
crash: the process ends at once; never-healthy: the health check never passes.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

SPOILED = ""
OWNERS = {"claude-sonnet": "anthropic", "gpt-4o": "openai", "gemini-pro": "google", "gemini-flash": "google"}
PROBE = "fallback-probe"
CREATED = 1705478400
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "LITELLM_MASTER_KEY")
CENT = {"limit_usd": "0.01", "left_usd": "0.01"}
"""The account of a client with a key of its own."""

CHEAP = 1024
"""Tokens of the longest answer that it has the money for."""


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The plan's /health and /v1/models, and clients' budgets; nothing else."""
        if SPOILED == "html":
            self._send(200, "text/html", b"<html>Welcome, guest</html>")
        elif self.path == "/health" and SPOILED == "never-healthy":
            self._answer(503, {"status": "starting", "models": []})
        elif self.path == "/health":
            self._answer(200, {"status": "sick" if SPOILED == "health" else "healthy", "models": list(OWNERS)})
        elif self.path == "/v1/models":
            names = list(OWNERS)[: 3 if SPOILED == "models" else None]
            entry = {"object": "model", "created": CREATED}
            self._answer(200, {"data": [{"id": name, **entry, "owned_by": OWNERS[name]} for name in names]})
        elif self.path == "/v1/budget" and self._key in self._clients:
            self._answer(200, {"accounts": [CENT]})
        else:
            self._refuse(404, "not_found")

    def do_POST(self) -> None:
        """Chat, for those who have the key."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path != "/v1/chat/completions":
            self._refuse(404, "not_found")
        elif SPOILED != "open" and self._key not in (os.environ["LITELLM_MASTER_KEY"], *self._clients):
            self._refuse(401, "invalid_api_key")
        elif self._key in self._clients and json.loads(body)["max_tokens"] > CHEAP:
            self._refuse(429, "budget_exceeded", {"retry-after": "3600"})
        else:
            self._chat(json.loads(body))

    @property
    def _key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def _clients(self) -> list[str]:
        """The keys of clients."""
        return [client["key"] for client in json.loads(os.environ.get("GATEWAY_CLIENT_KEYS", "[]"))]

    def _chat(self, asked: Mapping[str, Any]) -> None:
        if asked.get("stream"):
            chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hello!"}}]}
            self._send(200, "text/event-stream", f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
            return
        fell_back = asked["model"] == PROBE and SPOILED != "fallback"
        served = "gemini-flash" if fell_back else asked["model"]
        message = {"role": "assistant", "content": "Hello!"}
        body = {
            "id": "chatcmpl-light",
            "object": "chat.completion",
            "created": CREATED,
            "model": served,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14},
        }
        self._answer(200, body, {"x-litellm-model-group": served, "x-litellm-attempted-fallbacks": str(int(fell_back))})

    def _refuse(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        error = {"message": code, "type": "invalid_request_error", "param": None, "code": code}
        self._answer(status, {"error": error}, headers)

    def _answer(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(body).encode(), headers)

    def _send(self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        deployment = "another-build" if SPOILED == "old" else os.environ["RAILWAY_DEPLOYMENT_ID"]
        own = {"x-gateway-deployment": deployment, "content-type": kind, "content-length": str(len(body))}
        for name, value in {**own, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line."""


def main() -> None:
    """Serve until SIGTERM; a missing variable ends it with a line that names it."""
    if missing := [name for name in KEYS if not os.environ.get(name)]:
        sys.exit(f"missing: {', '.join(missing)}")
    if SPOILED == "crash":
        sys.exit(f"cannot start with the key {os.environ['OPENAI_API_KEY']}")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Gateway).serve_forever()


if __name__ == "__main__":
    main()
