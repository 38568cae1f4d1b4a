"""What whoever has the key may look at."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litellm_gateway.metrics import collector as collectors
from litellm_gateway.metrics.store import Store

from .conftest import KEY, Call, exchange

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway
    from litellm_gateway.metrics.collector import Collector
    from starlette.types import Message, Receive, Scope, Send

pytestmark = pytest.mark.unit

BEARER = {"authorization": f"Bearer {KEY}"}


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def test_metrics_need_the_key(call: Call) -> None:
    assert call("GET", "/metrics").status == 401
    assert call("GET", "/metrics", headers=basic(f"me:{KEY}")).status == 401
    answer = call("GET", "/metrics", headers=BEARER)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")


def test_a_refusal_is_in_the_numbers_at_once(call: Call, make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway()
    call("POST", "/v1/chat/completions", gateway=gateway)
    text = call("GET", "/metrics", headers=BEARER, gateway=gateway).body.decode()
    assert 'gateway_requests_total{path="/v1/chat/completions",status="401"} 1\n' in text
    assert 'gateway_refusals_total{code="invalid_api_key"} 1\n' in text
    assert 'gateway_budget_left_usd{account="total"} 10\n' in text


@pytest.mark.parametrize("headers", [BEARER, basic(f"anybody:{KEY}"), basic(f":{KEY}")])
def test_the_page_takes_the_key_as_a_browser_sends_it(call: Call, headers: dict[str, str]) -> None:
    answer = call("GET", "/status", headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert b"claude-sonnet" in answer.body
    assert b"probe" not in answer.body


@pytest.mark.parametrize(
    "headers",
    [{}, basic("master:sk-wrong"), basic(KEY), {"authorization": "Basic %%%"}, {"authorization": "Basic /w=="}],
)
def test_the_page_asks_a_browser_for_the_key(call: Call, headers: dict[str, str]) -> None:
    answer = call("GET", "/status", headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="litellm-gateway", charset="UTF-8"'


@pytest.mark.parametrize("path", ["/metrics", "/status"])
def test_without_the_numbers_nothing_is_made_up(
    call: Call,
    make_gateway: Callable[..., Gateway],
    collector: Collector,
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    gateway = make_gateway()
    collector._store.close()
    assert call("GET", path, headers=BEARER, gateway=gateway).status == 503
    assert next(record.message for record in caplog.records if record.levelname == "ERROR").startswith("Metrics: ")
    assert call("GET", "/health", gateway=gateway).status == 200


def test_the_numbers_are_written_while_it_runs_and_at_its_end(
    make_gateway: Callable[..., Gateway],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(collectors, "PERIOD", 0.01)
    caplog.set_level("INFO", "gateway.access")
    request = {"type": "http", "method": "GET", "path": "/health", "headers": [], "query_string": b""}
    running = asyncio.Event()

    async def litellm(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"

    async def receive() -> Message:
        await running.wait()
        return {"type": "lifespan.shutdown"}

    async def send(_message: Message) -> None:
        pass

    async def live() -> None:
        gateway = make_gateway(app=litellm)
        life = asyncio.create_task(gateway({"type": "lifespan"}, receive, send))
        await asyncio.sleep(0)
        await exchange(gateway, dict(request), [b""])
        for _ in range(500):
            if written(tmp_path):
                break
            await asyncio.sleep(0.01)
        assert written(tmp_path) == {'gateway_requests_total{path="/health",status="200"}': 1}
        monkeypatch.setattr(collectors, "PERIOD", 60)
        await asyncio.sleep(0.05)  # until the last of the short periods is over
        gateway._journal.begin(dict(request))
        running.set()
        await life

    asyncio.run(live())
    assert caplog.messages == ["GET /health 200", "GET /health 499"]
    assert written(tmp_path)['gateway_requests_total{path="/health",status="499"}'] == 1


def written(directory: Path) -> dict[str, int]:
    """What is in the file, whoever wrote it."""
    store = Store(directory / "metrics.sqlite3")
    try:
        return store.counted()
    finally:
        store.close()
