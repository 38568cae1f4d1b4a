"""The log of every call the emulated services answered; it holds no header, body or value."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["query", "mutation"]


@dataclass(frozen=True)
class Call:
    """One call: which operation of which service, whether it wants to change something, when, and whether it may."""

    service: str
    operation: str
    kind: Kind
    time: datetime
    authorised: bool

    def to_json(self) -> dict[str, object]:
        """The call as `GET /calls` shows it; `time` is ISO 8601 in UTC."""
        return {
            "service": self.service,
            "operation": self.operation,
            "kind": self.kind,
            "time": self.time.isoformat(),
            "authorised": self.authorised,
        }


class CallLog:
    """Calls in the order they arrived. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def record(self, service: str, operation: str, kind: Kind, authorised: bool) -> None:  # noqa: FBT001 - a record
        """Add a call that arrives now."""
        call = Call(service, operation, kind, datetime.now(UTC), authorised)
        with self._lock:
            self._calls.append(call)

    def list(self) -> list[Call]:
        """All calls since the start or the last `clear()`, oldest first."""
        with self._lock:
            return self._calls.copy()

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
