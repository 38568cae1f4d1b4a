"""The real LiteLLM behind the gateway, as a process, with fake model providers on loopback."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from localcloud.core.calls import CallLog
from localcloud.core.seed import load
from localcloud.core.server import ThreadedServer
from localcloud.models.app import ModelProviders
from localcloud.railway.runner.container import free_port
from localcloud.railway.runner.environment import Environments, find_uv
from localcloud.railway.runner.image import ImageBuilder
from localcloud.railway.state.model import Image

START_SECONDS = 180.0
LINE_SECONDS = 10.0
PROMPT = "canary-prompt-5f2c"
CLIENTS: list[dict[str, Any]] = [
    {"name": "thrifty", "key": f"sk-{secrets.token_hex(32)}", "daily_budget_usd": "0.006"},
    {"name": "narrow", "key": f"sk-{secrets.token_hex(32)}", "models": ["gemini-flash", "claude-sonnet"]},
    {"name": "counted", "key": f"sk-{secrets.token_hex(32)}"},
    {"name": "gone", "key": f"sk-{secrets.token_hex(32)}", "expires": "2026-11-01"},
]
CLIENT_HEADERS = {client["name"]: {"authorization": f"Bearer {client['key']}"} for client in CLIENTS}
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Gateway:
    """A running `python -m litellm_gateway` and what it has written so far."""

    process: subprocess.Popen[str]
    url: str
    key: str
    lines: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request on a connection of its own, that reads nobody's certificates."""
        return httpx.request(method, self.url + path, verify=NO_TLS, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def chat(self, model: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """One chat completion with the key, unless other headers are given."""
        body = {"model": model, "messages": [{"role": "user", "content": PROMPT}], **more}
        headers = self.headers if headers is None else headers
        return self.ask("POST", "/v1/chat/completions", json=body, headers=dict(headers), timeout=60)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.copy()]

    def messages(self) -> list[str]:
        return [entry["message"] for entry in self.entries()]

    def told(self, response: httpx.Response, start: str) -> list[str]:
        """All messages about the call that `response` answers and that start like that."""
        call = response.headers["x-request-id"]
        return [
            entry["message"]
            for entry in self.entries()
            if entry.get("request_id") == call and entry["message"].startswith(start)
        ]

    def wait_for(self, start: str, response: httpx.Response | None = None) -> str:
        """The first message that starts like that (about that call); it may be written a moment after the answer."""
        end = time.monotonic() + LINE_SECONDS
        while time.monotonic() < end:
            found = self.told(response, start) if response else [m for m in self.messages() if m.startswith(start)]
            if found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"no line starts with {start!r}: {self.messages()[-20:]}")

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if self.get("/health").status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the gateway did not start:\n" + "\n".join(self.lines))

    def read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))


class Quoting:
    """Providers whose errors, while `status` is set, quote the whole request: key and conversation.

    `most` is how many calls ran at the same time at most.
    """

    def __init__(self, providers: ModelProviders) -> None:
        self._app = providers.app
        self._running = 0
        self.most = 0
        self.status: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._running += scope["type"] == "http"
        self.most = max(self.most, self._running)
        try:
            await self._answer(scope, receive, send)
        finally:
            self._running -= scope["type"] == "http"

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.status is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        quoted = f"{dict(request.headers)} {(await request.body()).decode()}"
        answer = JSONResponse({"error": {"message": quoted, "type": "api_error"}}, self.status)
        await answer(scope, receive, send)


@pytest.fixture(scope="session")
def service(root: Path) -> Path:
    return root / "services" / "litellm-gateway"


@pytest.fixture(scope="session")
def image(root: Path, service: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """What the local cloud builds from the service's Dockerfile; the installed lock is kept for the next time."""
    directory = tmp_path_factory.mktemp("image")
    context = shutil.copytree(service, directory / "context")
    environments = Environments(root / "build" / "localcloud" / "environments", find_uv())
    log: list[str] = []
    builder = ImageBuilder(context, directory / "root", environments, log.append, lambda: None)
    return builder.build("Dockerfile")


@pytest.fixture(scope="session")
def all_providers() -> ModelProviders:
    return ModelProviders(load().models, CallLog())


@pytest.fixture(scope="session")
def all_quoting(all_providers: ModelProviders) -> Quoting:
    return Quoting(all_providers)


@pytest.fixture(scope="session")
def environment(all_quoting: Quoting) -> Iterator[dict[str, str]]:
    """What the platform gives the gateway, with canaries as keys and the fake providers' addresses."""
    with ThreadedServer(all_quoting) as server:
        yield {
            "HOST": "127.0.0.1",
            "LITELLM_MASTER_KEY": f"sk-{secrets.token_hex(32)}",
            "ANTHROPIC_API_KEY": f"sk-ant-api03-{secrets.token_urlsafe(32)}",
            "OPENAI_API_KEY": f"sk-proj-{secrets.token_urlsafe(32)}",
            "GEMINI_API_KEY": f"AIza{secrets.token_urlsafe(26)}",
            "ANTHROPIC_API_BASE": f"{server.url}/anthropic",
            "OPENAI_API_BASE": f"{server.url}/openai/v1",
            "GEMINI_API_BASE": f"{server.url}/gemini/v1beta",
            "GATEWAY_CLIENT_KEYS": json.dumps(CLIENTS),
            "RAILWAY_DEPLOYMENT_ID": "deployment-1",
            "RAILWAY_GIT_COMMIT_SHA": "0123abc",
        }


Start = Callable[..., contextlib.AbstractContextManager[Gateway]]


@pytest.fixture(scope="session")
def start(image: Image, environment: dict[str, str]) -> Start:
    """Start the gateway as its Dockerfile says; keywords change its environment, None removes a variable."""

    @contextlib.contextmanager
    def started(**changes: str | None) -> Iterator[Gateway]:
        port = free_port()
        merged = {"PORT": str(port), **image.environment, **environment, **changes}
        process = subprocess.Popen(
            image.command,
            cwd=image.working_directory,
            env={name: value for name, value in merged.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        gateway = Gateway(process, f"http://127.0.0.1:{port}", environment["LITELLM_MASTER_KEY"])
        reader = threading.Thread(target=gateway.read)
        reader.start()
        try:
            yield gateway
        finally:
            process.kill()
            process.wait()
            reader.join()
            if process.stdout:
                process.stdout.close()

    return started


@pytest.fixture(scope="session")
def running(start: Start) -> Iterator[Gateway]:
    with start() as gateway:
        gateway.wait_until_ready()
        yield gateway


@pytest.fixture
def providers(all_providers: ModelProviders) -> ModelProviders:
    """The model providers, all well behaved."""
    all_providers.reset()
    return all_providers


@pytest.fixture
def quoting(all_quoting: Quoting) -> Iterator[Quoting]:
    all_quoting.most = 0
    yield all_quoting
    all_quoting.status = None


@pytest.fixture
def gateway(running: Gateway, providers: ModelProviders) -> Gateway:
    """The gateway that tests share, with well behaved providers."""
    return running
