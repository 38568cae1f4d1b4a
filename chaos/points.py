"""The points at which a run can end: every call of an API and every write of the state, found by watching a run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from localcloud.core.faults import Moment

Signal = Literal["SIGKILL", "SIGINT"]
SIGNALS: Final[tuple[Signal, ...]] = ("SIGKILL", "SIGINT")
MOMENTS: Final[tuple[Moment, ...]] = ("before", "after")
STATE: Final = "state"
WRITE: Final = "write"
GATE: Final = "gate"
JUDGES: Final = "judges"


@dataclass(frozen=True)
class Event:
    """The `count`-th time, from 1, that a run calls `operation` of `service`, writes its state, or starts its gate."""

    service: str
    operation: str
    count: int

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.count}"


@dataclass(frozen=True)
class Point:
    """One way to end a run on an engine: by `signal`, before the event took effect, or after and before it is known.

    A gate has one moment: while it judges.
    """

    engine: str
    scenario: str
    signal: Signal
    event: Event
    moment: Moment

    def __str__(self) -> str:
        return f"{self.scenario} on {self.engine}: {self.signal} {self.moment} {self.event}"

    def earlier(self) -> Self | None:
        """The same one call earlier, for a run that polls less often than the one watched; None at the first."""
        count = self.event.count - 1
        called = self.event.service not in {STATE, GATE}
        return replace(self, event=replace(self.event, count=count)) if called and count else None


class Recorder:
    """A watch that writes down every call. Safe to use from several threads."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        """Write it down once."""
        if moment == "before":
            with self._lock:
                self.calls.append((service, operation))
        return True


def events(calls: Iterable[tuple[str, str]], writes: int, gates: int) -> list[Event]:
    """What was seen, numbered. Of a service's same calls in a row, as polls are, only the first and the last count."""
    seen: Counter[tuple[str, str]] = Counter()
    rows: dict[str, list[list[Event]]] = {}
    for service, operation in calls:
        seen[service, operation] += 1
        event = Event(service, operation, seen[service, operation])
        found = rows.setdefault(service, [])
        if found and found[-1][-1].operation == operation:
            found[-1][1:] = [event]
        else:
            found.append([event])
    called = [event for found in rows.values() for row in found for event in row]
    numbered = {(STATE, WRITE): writes, (GATE, JUDGES): gates}
    return called + [Event(*kind, number) for kind, count in numbered.items() for number in range(1, count + 1)]


def points(engine: str, scenario: str, found: Sequence[Event], signals: Sequence[Signal]) -> list[Point]:
    """Every point of a scenario on an engine."""
    return [
        Point(engine, scenario, signal, event, moment)
        for signal in signals
        for event in found
        for moment in (MOMENTS[:1] if event.service == GATE else MOMENTS)
    ]
