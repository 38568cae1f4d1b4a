"""Two gateways with one Redis: one budget between them, whatever comes at once, and no call that it does not count."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from localcloud.models.behaviour import Behaviour
from tests.contract.gateway_service.redis_server import PASSWORD, RedisServer, missing

from .test_budget import BOUND, ONE_CALL, account, ask, configured, until, until_settled

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Quoting, Start
    from .test_budget import Configured

__all__ = ["configured"]
pytestmark = pytest.mark.services

CLIENTS = 64
LONGEST = 5.0
"""Seconds for four refusals and a look at the health on a busy machine; Redis is waited for half a second."""


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def test_two_gateways_share_one_budget_and_refuse_while_redis_is_away(
    start: Start, configured: Configured, providers: ModelProviders, quoting: Quoting, redis_server: RedisServer
) -> None:
    limit = 3 * BOUND
    providers.behave("openai", Behaviour(kind="slow", seconds=0.5))
    changes = {"CONFIG_FILE_PATH": str(configured(str(limit))), "REDIS_URL": redis_server.url}
    with start(**changes) as first, start(**changes) as second, ThreadPoolExecutor(CLIENTS) as clients:
        pair = (first, second)
        for gateway in pair:
            gateway.wait_until_ready()
        answers = list(clients.map(lambda number: ask(pair[number % 2]), range(2 * CLIENTS)))
        at_once = quoting.most
        answered = sum(answer.status_code == 200 for answer in answers)
        assert {answer.status_code for answer in answers} == {200, 429}
        until_settled(first)
        assert spent_by(pair) == [answered * ONE_CALL] * 2
        assert answered == len(providers.providers["openai"].hits())

        providers.behave("openai", Behaviour(kind="slow", seconds=1.5))
        running = [clients.submit(ask, gateway) for gateway in pair]
        until(lambda: len(providers.providers["openai"].hits()) == answered + 2)
        held = [Decimal(account(gateway)["reserved_usd"]) for gateway in pair]
        assert held == [held[0]] * 2
        assert held[0] > BOUND, "each counts what the other has reserved"
        assert 1 < at_once <= 2 * limit / held[0]
        redis_server.kill()
        assert [call.result().status_code for call in running] == [200, 200]
        for gateway in pair:
            refuses(gateway)
        redis_server.start()
        until(lambda: all(ask(gateway).status_code == 200 for gateway in pair))
        until_settled(first)
        total = len(providers.providers["openai"].hits())
        assert spent_by(pair) == [total * ONE_CALL] * 2
        assert Decimal(account(first)["reserved_usd"]) == 0
        hangs(pair, clients, redis_server, providers)
        assert PASSWORD not in "\n".join((*first.lines, *second.lines))


def hangs(
    pair: tuple[Gateway, ...], clients: ThreadPoolExecutor, redis_server: RedisServer, providers: ModelProviders
) -> None:
    """A Redis that takes connections and answers nothing: refused soon, the rest goes on, and nothing counts twice."""
    hits = len(providers.providers["openai"].hits())
    providers.behave("openai", Behaviour(kind="slow", seconds=1.5))
    running = [clients.submit(ask, gateway) for gateway in pair]
    until(lambda: len(providers.providers["openai"].hits()) == hits + 2)
    redis_server.hang()
    for gateway in pair:
        begun = time.monotonic()
        refused = list(clients.map(ask, [gateway] * 4))
        assert {answer.json()["error"]["code"] for answer in refused} == {"budget_unavailable"}
        assert gateway.get("/health").status_code == 200
        assert time.monotonic() - begun < LONGEST
    assert [call.result().status_code for call in running] == [200, 200]
    redis_server.go_on()
    providers.behave("openai", Behaviour())
    until(lambda: all(ask(gateway).status_code == 200 for gateway in pair))
    until(lambda: spent_by(pair) == [len(providers.providers["openai"].hits()) * ONE_CALL] * 2)


def spent_by(gateways: tuple[Gateway, ...]) -> list[Decimal]:
    return [Decimal(account(gateway)["spent_usd"]) for gateway in gateways]


def refuses(gateway: Gateway) -> None:
    """What a gateway says while nobody counts; the rest of it works."""
    refused: httpx.Response = ask(gateway)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "budget_unavailable")
    assert "retry-after" in refused.headers
    gateway.wait_for("Budget: request refused: the ledger in Redis at 127.0.0.1:")
    assert gateway.get("/health").status_code == 200
