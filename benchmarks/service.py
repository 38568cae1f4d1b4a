"""The gateway and LiteLLM alone, started the same way: same environment, configuration, switches and server."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks import processes
from localcloud.railway.runner.container import free_port

START_SECONDS: Final = 90.0
CHAT: Final = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Say hello in one word"}],
    "max_tokens": 16,
}
PATH: Final = "/v1/chat/completions"


@dataclass(frozen=True)
class Kind:
    """What is started: the arguments after `python`, the path that answers 200 once it can be used, the processes."""

    name: str
    arguments: tuple[str, ...]
    ready: str
    workers: int = 1


GATEWAY: Final = Kind("gateway", ("-m", "litellm_gateway"), "/health")
TWO_WORKERS: Final = Kind("gateway, 2 workers", GATEWAY.arguments, GATEWAY.ready, workers=2)
_UVICORN: Final = ("-m", "uvicorn", "litellm.proxy.proxy_server:app", "--host", "127.0.0.1", "--port", "{port}")
LITELLM: Final = Kind("LiteLLM alone", (*_UVICORN, "--no-access-log", "--log-level", "warning"), "/health/liveliness")


def body() -> bytes:
    """The chat request as JSON."""
    return json.dumps(CHAT).encode()


@dataclass(frozen=True)
class Service:
    """The directory of the service, the interpreter with its packages, the model providers and keys they accept."""

    directory: Path
    python: Path
    models: str
    provider_keys: Mapping[str, str] = field(repr=False)
    logs: Path

    @contextlib.contextmanager
    def run(self, kind: Kind) -> Iterator[Running]:
        """Start `kind` and wait until it answers."""
        port, key = free_port(), f"sk-{secrets.token_hex(32)}"
        log = self.logs / f"{kind.name.replace(' ', '-')}.txt"
        command = [str(self.python), *(argument.format(port=port) for argument in kind.arguments)]
        url = f"http://127.0.0.1:{port}"
        with (
            httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30, trust_env=False) as http,
            tempfile.TemporaryDirectory() as data,
        ):
            environment = self._environment(port, key) | {
                "GATEWAY_WORKERS": str(kind.workers),
                "GATEWAY_DATA_DIR": data,
            }
            started = time.perf_counter()
            with processes.child(command, directory=self.directory, environment=environment, log=log) as process:
                processes.wait_until(lambda: _answers(http, kind.ready), process, log, START_SECONDS)
                yield Running(kind, process, http, time.perf_counter() - started, url, key)

    def _environment(self, port: int, key: str) -> dict[str, str]:
        own = {
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "CONFIG_FILE_PATH": str(self.directory / "litellm-config.yaml"),
            "LITELLM_MASTER_KEY": key,
            "ANTHROPIC_API_BASE": f"{self.models}/anthropic",
            "OPENAI_API_BASE": f"{self.models}/openai/v1",
            "GEMINI_API_BASE": f"{self.models}/gemini/v1beta",
        }
        return own | dict(self.provider_keys) | image_environment(self.directory / "Dockerfile")


@dataclass(frozen=True)
class Running:
    """A service that answers; `start_seconds` from its start to its first 200."""

    kind: Kind
    process: subprocess.Popen[bytes]
    http: httpx.Client
    start_seconds: float
    url: str
    key: str = field(repr=False)

    def chat(self, count: int) -> None:
        """Make `count` calls, one after the other. Raises httpx.HTTPStatusError where one is refused."""
        for _ in range(count):
            self.http.post(PATH, json=CHAT).raise_for_status()


def image_environment(dockerfile: Path) -> dict[str, str]:
    """What the ENV lines of a Dockerfile set, so that both services run as in the image."""
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if line.startswith("ENV ") for word in line.split()[1:]]
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _answers(http: httpx.Client, path: str) -> bool:
    try:
        return http.get(path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
