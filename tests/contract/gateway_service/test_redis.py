"""A Redis that dies, is emptied, comes back, or knows us not: nothing is spent that it does not count."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from litellm_gateway.budget import redis
from litellm_gateway.budget.ledger import TOTAL, Balance, LedgerError
from litellm_gateway.budget.redis import RedisLedger

from .redis_server import PASSWORD, RedisServer

pytestmark = pytest.mark.contract

LIMITS = {TOTAL: 100}


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "_PAUSE", 0.0)


def test_a_redis_that_dies_refuses_and_knows_everything_when_it_is_back(
    redis_server: RedisServer, no_pause: None
) -> None:
    ledger = RedisLedger(redis_server.url)
    ledger.reserve("a", {TOTAL: 60}, LIMITS)
    ledger.settle("a", {TOTAL: 50})
    ledger.reserve("b", {TOTAL: 30}, LIMITS)
    redis_server.kill()
    for _ in range(2):
        with pytest.raises(
            LedgerError, match=rf"the ledger in Redis at 127\.0\.0\.1:{redis_server.port} cannot be used"
        ):
            ledger.reserve("c", {TOTAL: 1}, LIMITS)
    redis_server.start()
    assert ledger.balances()[1] == [Balance(TOTAL, 50, 30, 1)]
    ledger.reserve("c", {TOTAL: 20}, LIMITS)


def test_one_that_failed_is_not_asked_again_for_a_while(redis_server: RedisServer) -> None:
    ledger = RedisLedger(redis_server.url)
    redis_server.kill()
    with pytest.raises(LedgerError, match="refused"):
        ledger.balances()
    redis_server.start()
    with pytest.raises(LedgerError, match="it failed a moment ago"):
        ledger.balances()


def test_an_emptied_one_refuses_until_the_gateways_start_anew(redis_server: RedisServer) -> None:
    ledger = RedisLedger(redis_server.url)
    ledger.settle("a", {TOTAL: 50})
    ledger._client.flushall()
    with pytest.raises(LedgerError, match="it was emptied while the gateway ran; restart every gateway"):
        ledger.reserve("b", {TOTAL: 1}, LIMITS)
    anew = RedisLedger(redis_server.url)
    anew.reserve("b", {TOTAL: 100}, LIMITS)
    with pytest.raises(LedgerError, match="emptied"):
        ledger.settle("c", {TOTAL: 1})


def test_what_was_sent_twice_counts_once(redis_server: RedisServer) -> None:
    """The client sends an operation again where the connection broke before the answer."""
    ledger = RedisLedger(redis_server.url)
    for _ in range(2):
        ledger.reserve("a", {TOTAL: 60}, LIMITS)
    for _ in range(2):
        assert ledger.settle("a", {TOTAL: 50}) == Balance(TOTAL, 50, 0, 1)


def test_the_day_is_that_of_redis(redis_server: RedisServer) -> None:
    before = dt.datetime.now(dt.UTC).date()
    day, _ = RedisLedger(redis_server.url).balances()
    assert before <= day <= dt.datetime.now(dt.UTC).date()


def test_a_wrong_password_is_told_without_it(redis_server: RedisServer) -> None:
    with pytest.raises(LedgerError, match="invalid username-password") as caught:
        RedisLedger(redis_server.url.replace(PASSWORD, "canary-wrong"))
    assert "canary" not in str(caught.value)


def test_one_that_hangs_is_waited_for_shortly_and_ever_more_rarely(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "_TIMEOUT", 0.1)
    ledger = RedisLedger(redis_server.url)
    ledger.reserve("a", {TOTAL: 60}, LIMITS)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    redis_server.hang()
    for pause in (1, 2, 4, 8, 8):
        begin = time.perf_counter()
        with pytest.raises(LedgerError, match="Timeout"):
            ledger.settle("a", {TOTAL: 50})
        assert time.perf_counter() - begin < 0.9
        now += pause - 0.01
        with pytest.raises(LedgerError, match="it failed a moment ago"):
            ledger.settle("a", {TOTAL: 50})
        now += 0.02
    redis_server.go_on()
    assert ledger.settle("a", {TOTAL: 50}) == Balance(TOTAL, 50, 0, 1), "sent six times, counted once"
    redis_server.hang()
    with pytest.raises(LedgerError, match="Timeout"):
        ledger.balances()
    redis_server.go_on()
    now += 1.01
    assert ledger.balances()[1] == [Balance(TOTAL, 50, 0, 1)], "after a second, since it had answered meanwhile"
