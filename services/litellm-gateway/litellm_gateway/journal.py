"""The requests under way, and what is told of each once its cost is known."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from litellm_gateway import logs
from litellm_gateway.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from litellm_gateway.budget.call import Settlement
    from litellm_gateway.metrics.collector import Collector

access_log: Final = logging.getLogger("gateway.access")


class Journal:
    """One for each worker. `limits` maps accounts to picodollars a day; `collector` counts every request."""

    def __init__(self, limits: Mapping[str, int], collector: Collector) -> None:
        self._limits = limits
        self._collector = collector
        self._open: dict[str, Record] = {}
        self._settling: set[str] = set()

    def begin(self, scope: Scope) -> Record:
        """A request has come; its record is `scope["record"]` from now on."""
        record = scope["record"] = Record(scope["method"], scope["path"])
        self._open[record.id] = record
        return record

    def of(self, request_id: str) -> Record:
        """The record of a request; one that nobody reads where it is told already."""
        return self._open.get(request_id) or Record("", "")

    def settling(self, record: Record) -> None:
        """The answer is over; what it costs is known a little later, and then `close` is called."""
        record.end()
        self._settling.add(record.id)

    def answered(self, record: Record) -> None:
        """The answer is over, and whatever it costs is settled or `settling`."""
        record.end()
        if record.id not in self._settling:
            self.close(record)

    def close(self, record: Record, settlement: Settlement | None = None) -> None:
        """Tell of a request, once: it is answered, and what it cost is settled."""
        if self._open.pop(record.id, None) is None:
            return
        self._settling.discard(record.id)
        record.settlement = settlement
        message, fields = record.line(self._limits)
        logs.tell(access_log, logging.INFO, message, fields)
        self._collector.see(record, fields)

    def close_all(self) -> None:
        """Tell of everything that is left: the process ends."""
        for record in list(self._open.values()):
            self.close(record)
