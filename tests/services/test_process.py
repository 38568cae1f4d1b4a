"""The gateway as a process: its start, its end, its log."""

from __future__ import annotations

import contextlib
import json
import signal
import socketserver
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from localcloud.models.behaviour import Behaviour

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Quoting, Start

pytestmark = pytest.mark.services


ChangedConfig = Callable[[str, str], str]


@pytest.fixture
def changed_config(service: Path, tmp_path: Path) -> ChangedConfig:
    """Writes the configuration with one text replaced and returns its path."""

    def write(old: str, new: str) -> str:
        text = (service / "litellm-config.yaml").read_text()
        assert old in text
        path = tmp_path / "litellm-config.yaml"
        path.write_text(text.replace(old, new))
        return str(path)

    return write


def last_entry(gateway: Gateway) -> dict[str, str]:
    """What a start that is refused says; it must be the only line."""
    assert gateway.process.wait(timeout=90) == 1
    gateway.wait_for("Refused to start")
    assert len(gateway.lines) == 1, gateway.lines
    entry: dict[str, str] = json.loads(gateway.lines[0])
    assert entry["level"] == "error"
    return entry


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "is not set"),
        ("", "is not set"),
        ("   ", "is not set"),
        ("sk-1234", "is a placeholder"),
        ("sk-changeme-changeme-changeme", "is a placeholder"),
        ("abcdef0123456789abcdef0123456789", "does not start with sk-"),
        ("sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9\n", "holds white space"),
    ],
)
def test_a_bad_master_key_is_refused(start: Start, key: str | None, problem: str) -> None:
    with start(LITELLM_MASTER_KEY=key) as gateway:
        message = last_entry(gateway)["message"]
    assert message.startswith("Refused to start: LITELLM_MASTER_KEY ")
    assert problem in message
    assert not (key and key.strip() and key.strip() in message)


@pytest.mark.parametrize(("port", "problem"), [(None, "PORT is not set"), ("http", "PORT has to be a whole number")])
def test_a_bad_port_is_refused(start: Start, port: str | None, problem: str) -> None:
    with start(PORT=port) as gateway:
        assert problem in last_entry(gateway)["message"]


def test_all_problems_are_told_in_one_line(start: Start) -> None:
    with start(PORT=None, LITELLM_MASTER_KEY=None) as gateway:
        message = last_entry(gateway)["message"]
    assert "PORT" in message
    assert "LITELLM_MASTER_KEY" in message


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("anthropic/claude-sonnet-4-6", "anthropic/claude-3-5-sonnet-20241022", "has no price in LiteLLM's price map"),
        ("[gpt-4o, gemini-pro]", "[gpt-5-typo]", "name 'gpt-5-typo', which model_list does not declare"),
        ("model_list:", "model_list: [", "cannot be read as YAML"),
    ],
)
def test_a_bad_configuration_is_refused(
    start: Start, changed_config: ChangedConfig, old: str, new: str, problem: str
) -> None:
    with start(CONFIG_FILE_PATH=changed_config(old, new)) as gateway:
        message = last_entry(gateway)["message"]
    assert message.startswith("Refused to start: ")
    assert problem in message


def test_sigterm_finishes_what_ends_in_time_begins_nothing_and_settles(
    start: Start, providers: ModelProviders, tmp_path: Path
) -> None:
    """What outlasts the draining time is cut off, and counts as the most that it can be."""
    for provider in ("anthropic", "openai"):
        providers.behave(provider, Behaviour(kind="slow", seconds=2.0))
    providers.behave("gemini", Behaviour(kind="hang"))
    changes = {"GATEWAY_DATA_DIR": str(tmp_path), "GATEWAY_DRAINING_SECONDS": "8"}
    with start(**changes) as gateway, ThreadPoolExecutor(3) as pool:
        gateway.wait_until_ready()
        outlasting = pool.submit(gateway.chat, "gemini-pro", max_tokens=10)
        answer = pool.submit(gateway.chat, "gpt-4o")
        stream = pool.submit(gateway.chat, "claude-sonnet", stream=True)
        for provider in ("anthropic", "openai", "gemini"):
            wait_for_hit(providers, provider)
        gateway.process.send_signal(signal.SIGTERM)
        gateway.wait_for("Stopping: 3 requests run")
        health, refused = gateway.get("/health"), gateway.chat("gpt-4o")
        assert (health.status_code, health.json()) == (503, {"status": "stopping", "models": []})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
        assert {each.headers["connection"] for each in (health, refused)} == {"close"}
        assert answer.result().status_code == 200
        assert stream.result().text.endswith("data: [DONE]\n\n")
        assert gateway.process.wait(timeout=30) == 0
        assert isinstance(outlasting.exception(), httpx.TransportError) or outlasting.result().status_code >= 500
    spent, reserved = spent_and_reserved(tmp_path)
    assert (spent - 50_000_000 - 66_000_000 > 1_000_000_000, reserved) == (True, 0), spent


def spent_and_reserved(data: Path) -> tuple[int, int]:
    """What the ledger of a gateway that has ended counts, in picodollars, and how many reservations it still holds."""
    with contextlib.closing(sqlite3.connect(data / "ledger.sqlite3")) as ledger:
        (spent,) = ledger.execute("SELECT coalesce(sum(amount), 0) FROM spent WHERE account = 'total'").fetchone()
        (reserved,) = ledger.execute("SELECT count(*) FROM reserved").fetchone()
    return spent, reserved


def wait_for_hit(providers: ModelProviders, name: str) -> None:
    pause = threading.Event()
    for _ in range(500):
        if providers.providers[name].hits():
            return
        pause.wait(0.02)
    raise AssertionError(f"{name} was never asked")


def test_a_missing_provider_key_is_warned_about_and_does_not_stop_the_others(
    start: Start, providers: ModelProviders
) -> None:
    with start(ANTHROPIC_API_KEY="") as gateway:
        gateway.wait_until_ready()
        gateway.wait_for("ANTHROPIC_API_KEY is not set")
        assert gateway.chat("claude-sonnet").headers["x-litellm-model-group"] == "gpt-4o"


def test_without_addresses_of_its_own_it_calls_the_real_providers_and_nobody_else(start: Start) -> None:
    with refusing_proxy() as (proxy, asked):
        bases = dict.fromkeys(("ANTHROPIC_API_BASE", "OPENAI_API_BASE", "GEMINI_API_BASE"))
        with start(HTTPS_PROXY=proxy, HTTP_PROXY=proxy, NO_PROXY="127.0.0.1", **bases) as gateway:
            gateway.wait_until_ready()
            assert gateway.chat("claude-sonnet").status_code == 502
    assert asked == [
        "CONNECT api.anthropic.com:443",
        "CONNECT api.openai.com:443",
        "CONNECT generativelanguage.googleapis.com:443",
    ]


@contextlib.contextmanager
def refusing_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy's address, and what it was asked for; it refuses everything."""
    asked: list[str] = []

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode().rpartition(" ")[0])
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def test_nothing_secret_and_nothing_said_is_logged_and_every_line_is_json(
    gateway: Gateway, providers: ModelProviders, quoting: Quoting, environment: dict[str, str]
) -> None:
    for model in ("claude-sonnet", "gpt-4o", "gemini-pro", "fallback-probe"):
        gateway.chat(model)
        gateway.chat(model, stream=True)
    for quoting.status in (400, 401, 429, 500):
        for model in ("claude-sonnet", "gpt-4o", "gemini-pro"):
            gateway.chat(model)
            gateway.chat(model, stream=True)
    quoting.status = None
    for kind in ("garbage", "cut_off"):
        for provider in ("anthropic", "openai", "gemini"):
            providers.behave(provider, Behaviour(kind=kind))
        gateway.chat("claude-sonnet", stream=True)
        gateway.chat("gemini-pro")
    image = [{"type": "image_url", "image_url": {"url": f"https://127.0.0.1:1/canary-prompt?{gateway.key}"}}]
    gateway.chat("gemini-pro", messages=[{"role": "user", "content": image}])
    gateway.get(f"/health?key={gateway.key}")
    gateway.get(f"/{gateway.key}")
    for line in gateway.lines:
        entry = json.loads(line)
        assert {"time", "level", "logger", "message"} <= set(entry)
    text = "\n".join(gateway.lines)
    keys = [value for name, value in environment.items() if name.endswith("_KEY")]
    assert not [secret for secret in (*keys, "canary-prompt", "Hello!") if secret in text]
    assert "→" in text
    assert "stderr" not in {entry["logger"] for entry in gateway.entries()}, "a library writes past our logging"
