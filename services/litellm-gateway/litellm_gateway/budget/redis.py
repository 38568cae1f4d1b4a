"""A ledger in Redis: shared by gateways on several machines. `ledger.lua` is what Redis runs.

Redis's own clock counts, so gateways whose clocks differ agree. Where Redis does not answer, or was emptied while the
gateway ran, nothing is spent.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from litellm_gateway.budget.ledger import LASTS, TOTAL, UNSEEN, Balance, LedgerError, OverLimitError

KEYS: Final = "{litellm-gateway}:budget"
"""What the names of all keys begin with; the braces keep them together in a cluster."""

_SCRIPT: Final = Path(__file__).with_name("ledger.lua").read_text(encoding="utf-8")
_TIMEOUT: Final = 0.5
"""Seconds for which a Redis is waited for; everything else that the process does waits too."""

_PAUSE: Final = 1.0
"""Seconds for which a Redis that failed is not asked again; twice as long each time that it did not answer at all."""

_DOUBLED: Final = 3

_EPOCH: Final = dt.date(1970, 1, 1)


class RedisLedger:
    """A ledger in the Redis at `url`, `redis://` or `rediss://`.

    `now` gives seconds since 1970; None stands for Redis's own clock.
    """

    def __init__(self, url: str, now: Callable[[], float] | None = None) -> None:
        self.place = place(url)
        self._now = now
        self._redis = importlib.import_module("redis")  # takes a third of a second, so not where it is not needed
        self._asked_again = 0.0
        self._unanswered = 0
        with self._reported():
            self._client = _client(self._redis, url)
            self._script = self._client.register_script(_SCRIPT)
        self._generation = secrets.token_hex(8)
        self._generation = self._run("open").decode()

    def reserve(self, call: str, amounts: Mapping[str, int], limits: Mapping[str, int]) -> None:
        """See `Ledger.reserve`."""
        wanted = [[account, str(amount), str(limits.get(account, ""))] for account, amount in amounts.items()]
        over = self._run("reserve", call=call, amounts=wanted)
        if over:
            balance = _balance(over)
            raise OverLimitError(balance, limits[balance.account], amounts[balance.account])

    def settle(self, call: str, costs: Mapping[str, int]) -> Balance:
        """See `Ledger.settle`. A call counts once: this is sent again where the answer was lost."""
        counted = [[account, str(cost)] for account, cost in costs.items()]
        return _balance(self._run("settle", call=call, costs=counted, account=TOTAL))

    def release(self, call: str, accounts: Collection[str] | None = None) -> None:
        """See `Ledger.release`."""
        self._run("release", call=call, **_named(accounts))

    def renew(self, calls: Mapping[str, Mapping[str, int]]) -> None:
        """See `Ledger.renew`."""
        held = [[call, account, str(amount)] for call, amounts in calls.items() for account, amount in amounts.items()]
        self._run("renew", held=held)

    def balances(self) -> tuple[dt.date, list[Balance]]:
        """See `Ledger.balances`."""
        day, found = self._run("balances")
        return _EPOCH + dt.timedelta(days=day), sorted(map(_balance, found), key=lambda balance: balance.account)

    def reset(self, accounts: Collection[str] | None = None) -> None:
        """See `Ledger.reset`."""
        self._run("reset", **_named(accounts))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _run(self, operation: str, **given: object) -> Any:
        clock = "" if self._now is None else repr(self._now())
        with self._reported():
            return self._script(
                keys=[KEYS], args=[operation, self._generation, clock, LASTS, UNSEEN, json.dumps(given)]
            )

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Errors as `LedgerError`, at once where Redis has just failed."""
        if time.monotonic() < self._asked_again:
            raise LedgerError(f"{self.place} cannot be used: it failed a moment ago")
        try:
            yield
        except self._redis.RedisError as error:
            if not isinstance(error, self._redis.ResponseError):
                self._asked_again = time.monotonic() + _PAUSE * 2 ** min(self._unanswered, _DOUBLED)
                self._unanswered += isinstance(error, self._redis.TimeoutError)
            raise LedgerError(f"{self.place} cannot be used: {error}") from error
        else:
            self._unanswered = 0


def place(url: str) -> str:
    """The Redis as people may see it: neither user nor password."""
    parts = urlsplit(url)
    return f"the ledger in Redis at {parts.hostname}:{parts.port or 6379}"


def _client(redis: Any, url: str) -> Any:
    """One connection, which is made anew, once, where it broke while nobody used it: each operation may run twice."""
    again = redis.retry.Retry(redis.backoff.NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=again)


def _named(accounts: Collection[str] | None) -> dict[str, list[str]]:
    return {} if accounts is None else {"accounts": list(accounts)}


def _balance(found: list[bytes]) -> Balance:
    account, *amounts = found
    return Balance(account.decode(), *map(int, amounts))
