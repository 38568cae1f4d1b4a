"""Counts requests in memory and adds them to the store once a second, so that a request costs no write of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from litellm_gateway.metrics.families import Bucket, counts, samples
from litellm_gateway.metrics.store import KEPT, Spent, Store, StoreError, Told

if TYPE_CHECKING:
    from litellm_gateway.record import Record

log: Final = logging.getLogger("gateway.metrics")

PERIOD: Final = 1.0
"""Seconds between two writes: what other workers' numbers lag behind, and what a worker that is killed loses."""


class Collector:
    """One for each worker. `provider` tells whom a model pays."""

    def __init__(self, store: Store, provider: Callable[[str], str], now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._provider = provider
        self._now = now
        self._counted: Counter[str | Bucket] = Counter()
        self._spent: Counter[tuple[str, str, str]] = Counter()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._told: deque[Told] = deque(maxlen=KEPT)
        self._failing = False
        self._writing: asyncio.Task[None] | None = None

    def see(self, record: Record, line: Mapping[str, Any]) -> None:
        """Count a request; `line` is what the log tells of it."""
        for one, value in counts(record, self._provider):
            self._counted[one] += value
        if record.model:
            self._told.append(Told(self._now().timestamp(), line))
        if record.settlement:
            day, client = self._now().date().isoformat(), record.client or ""
            for model, amount in record.costs:
                self._spent[day, model, client] += amount
            self._requests[day, record.served or record.model or "", client] += 1

    def flush(self) -> Store:
        """Write what was counted; returns the store, which is up to date then. Raises `StoreError`: nothing is lost."""
        spent = [Spent(*who, amount, self._requests[who]) for who, amount in self._spent.items()]
        if self._counted:
            self._store.add(samples(self._counted), spent, self._told)
        for kept in (self._counted, self._spent, self._requests, self._told):
            kept.clear()
        return self._store

    def start(self) -> None:
        """Write what is counted, from now on."""
        self._writing = asyncio.create_task(self._write())

    def stop(self) -> None:
        """Write the rest and close the store."""
        if self._writing is not None:
            self._writing.cancel()
        self._try()
        self._store.close()

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            self._try()

    def _try(self) -> None:
        """A write that fails is told once and tried again with the next."""
        try:
            self.flush()
        except StoreError as error:
            if not self._failing:
                log.warning("Metrics: numbers are kept in memory until they can be written: %s", error)
            self._failing = True
        else:
            self._failing = False
