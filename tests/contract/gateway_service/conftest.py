"""Both kinds of ledger, with a clock that tests turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from litellm_gateway.budget.ledger import RENEWED, Ledger
from litellm_gateway.budget.redis import RedisLedger
from litellm_gateway.budget.sqlite import SqliteLedger

from .redis_server import RedisServer, missing

Open = Callable[[], Ledger]


class Clock:
    """What the ledgers take for the time."""

    def __init__(self) -> None:
        self.time = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

    @property
    def day(self) -> dt.date:
        return self.time.date()

    def now(self) -> float:
        return self.time.timestamp()

    def pass_by(self, seconds: float, ledger: Ledger, calls: Mapping[str, Mapping[str, int]] | None = None) -> None:
        """Time passes while somebody renews: these calls, or none."""
        while seconds > 0:
            self.turn(seconds=min(seconds, RENEWED))
            seconds -= RENEWED
            ledger.renew(calls or {})

    def turn(self, *, days: int = 0, seconds: float = 0) -> None:
        self.time += dt.timedelta(days=days, seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def a_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(a_redis: RedisServer) -> RedisServer:
    """A running Redis with nothing in it."""
    if a_redis.process is None:
        a_redis.start()
    ledger = RedisLedger(a_redis.url)
    ledger._client.flushall()
    ledger.close()
    return a_redis


@pytest.fixture(params=["sqlite", "redis"])
def open_ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Open:
    """Opens one more connection to the same ledger."""
    if request.param == "sqlite":
        return lambda: SqliteLedger(tmp_path / "ledger", today=lambda: clock.day, now=clock.now)
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: RedisLedger(server.url, clock.now)


@pytest.fixture
def ledger(open_ledger: Open) -> Iterator[Ledger]:
    opened = open_ledger()
    yield opened
    opened.close()
