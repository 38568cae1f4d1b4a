"""The day's budget with the real LiteLLM: it holds under load, knows each provider's part, and outlives the process."""

from __future__ import annotations

import contextlib
import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from localcloud.models.behaviour import Behaviour

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Start

pytestmark = pytest.mark.services

ONE_CALL = Decimal("0.00005")  # what the fake OpenAI charges: 12 tokens in, 2 out
BOUND = Decimal("0.0035")  # more than any of these calls is estimated at, and less than twice that
Configured = Callable[..., Path]


@pytest.fixture
def configured(service: Path, tmp_path: Path) -> Configured:
    """The configuration with other budgets."""

    def write(daily: str, **providers: str) -> Path:
        document = yaml.safe_load((service / "litellm-config.yaml").read_text())
        document["gateway"] |= {"daily_budget_usd": daily, "provider_budgets_usd": providers}
        file = tmp_path / "config.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False))
        return file

    return write


def account(gateway: Gateway, name: str = "total") -> dict[str, Any]:
    """One account of the day's statement."""
    shown = gateway.get("/v1/budget", headers=gateway.headers).json()
    return next(entry for entry in shown["accounts"] if entry["account"] == name)


def ask(gateway: Gateway, model: str = "gpt-4o", **more: Any) -> httpx.Response:
    return gateway.chat(model, max_tokens=10, **more)


def test_a_hundred_calls_at_once_never_pass_the_budget_and_the_next_is_told_what_is_left(
    start: Start, configured: Configured, providers: ModelProviders, tmp_path: Path
) -> None:
    providers.behave("openai", Behaviour(kind="slow", seconds=0.5))
    limit = 3 * BOUND
    changes = {"CONFIG_FILE_PATH": str(configured(str(limit))), "GATEWAY_DATA_DIR": str(tmp_path)}
    with start(**changes, GATEWAY_WORKERS="2") as gateway:
        gateway.wait_until_ready()
        with ThreadPoolExecutor(100) as pool:
            answers = [answer.status_code for answer in pool.map(lambda _: ask(gateway), range(100))]
        assert set(answers) == {200, 429}
        assert answers.count(200) * ONE_CALL <= limit
        until_settled(gateway)
        total = account(gateway)
        assert Decimal(total["spent_usd"]) == answers.count(200) * ONE_CALL
        assert total["requests"] == answers.count(200) == len(providers.providers["openai"].hits())

        refused = gateway.chat("gpt-4o", max_tokens=4000)
        left = limit - Decimal(total["spent_usd"])
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_exceeded")
        assert f"has ${left:.4f} left" in refused.json()["error"]["message"]
        assert 0 < int(refused.headers["retry-after"]) <= 24 * 3600
        gateway.wait_for(f"Budget exceeded: $0.00 of ${limit:.2f} today, request refused")
        assert gateway.get("/health").status_code == 200


def test_a_provider_without_money_is_passed_over_for_the_next(
    start: Start, configured: Configured, providers: ModelProviders, tmp_path: Path
) -> None:
    config = configured("10", anthropic="0.001", openai="9", google="0.0001")
    with start(CONFIG_FILE_PATH=str(config), GATEWAY_DATA_DIR=str(tmp_path)) as gateway:
        gateway.wait_until_ready()
        for stream in (False, True):
            answer = ask(gateway, "claude-sonnet", stream=stream)
            assert (answer.status_code, answer.headers["x-litellm-model-group"]) == (200, "gpt-4o")
            gateway.wait_for("Fallback triggered: claude-sonnet → gpt-4o", answer)
            assert not providers.providers["anthropic"].hits()
            refused = ask(gateway, "gemini-pro", stream=stream)
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_exceeded")
            assert "of google" in refused.json()["error"]["message"]
        until_settled(gateway)


def test_what_was_spent_outlives_the_process_and_a_killed_one_loses_nothing(
    start: Start, providers: ModelProviders, tmp_path: Path
) -> None:
    with start(GATEWAY_DATA_DIR=str(tmp_path)) as gateway:
        gateway.wait_until_ready()
        gateway.wait_for("Budget: request cost", ask(gateway))
        providers.behave("openai", Behaviour(kind="slow", seconds=20))
        asking = threading.Thread(target=_ask_in_vain, args=(gateway,))
        asking.start()
        until(lambda: Decimal(account(gateway)["reserved_usd"]) > 0)
        gateway.process.kill()
        asking.join()
    with start(GATEWAY_DATA_DIR=str(tmp_path)) as gateway:
        gateway.wait_until_ready()
        total = account(gateway)
        assert (Decimal(total["spent_usd"]), total["requests"]) == (ONE_CALL, 1)
        assert 0 < Decimal(total["reserved_usd"]) < BOUND, "held until nobody renews it, for a minute at most"


def test_a_damaged_ledger_stops_the_start_with_its_name(start: Start, tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(b"no database" * 500)
    with start(GATEWAY_DATA_DIR=str(tmp_path)) as gateway:
        assert gateway.process.wait(30) == 1
        gateway.wait_for("Refused to start: the ledger")
        assert str(tmp_path / "ledger.sqlite3") in gateway.messages()[-1]


def test_a_disk_that_is_full_stops_the_spending_and_nothing_is_lost(
    gateway: Gateway, providers: ModelProviders
) -> None:
    gateway.wait_for("Budget: request cost", ask(gateway))
    until_settled(gateway)
    before = account(gateway)
    with full_disk(gateway):
        refused = ask(gateway)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "budget_unavailable")
        assert len(providers.providers["openai"].hits()) == 1
        assert gateway.get("/health").status_code == 200
    gateway.wait_for("Budget: request cost", ask(gateway))
    after = account(gateway)
    assert Decimal(after["spent_usd"]) - Decimal(before["spent_usd"]) == ONE_CALL
    assert after["requests"] == before["requests"] + 1


@contextlib.contextmanager
def full_disk(gateway: Gateway) -> Iterator[None]:
    """Files that the gateway writes can grow no more: not even the smallest of them."""
    process, limits = gateway.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def _ask_in_vain(gateway: Gateway) -> None:
    with contextlib.suppress(httpx.TransportError):
        ask(gateway)


def until_settled(gateway: Gateway) -> None:
    """What an answer cost is written a moment after it."""
    until(lambda: Decimal(account(gateway)["reserved_usd"]) == 0)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come so far in time"
        time.sleep(0.05)
