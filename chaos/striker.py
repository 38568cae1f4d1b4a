"""Ends a run at a call of an API, or while its gate judges."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from chaos.points import Event, Point
from localcloud.core.faults import Moment

HELD: Final = 0.2
"""Seconds that a call is held after an interrupt, which takes a moment to reach the plugin that waits for the call."""
LOOKS_EVERY: Final = 0.02
LEAVES_WITHIN: Final = 3.0
"""Seconds that a killed run's call is held at most: a plugin that the CLI leaves behind waits for it before it ends."""


class Striker:
    """A watch that calls `strike` at `point`; a killed run's call gets no answer, an interrupted one's goes on.

    `gone` says whether every process of the run has ended: until then the call is held, for three seconds at most.
    """

    def __init__(self, point: Point, strike: Callable[[], None], gone: Callable[[], bool]) -> None:
        self.struck = False
        self._point = point
        self._strike = strike
        self._gone = gone
        self._seen: Counter[tuple[str, str]] = Counter()
        self._number: ContextVar[int] = ContextVar("number")
        self._lock = threading.Lock()

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        """Strike where this is the point."""
        if moment == "before":
            with self._lock:
                self._seen[service, operation] += 1
                self._number.set(self._seen[service, operation])
        here = Event(service, operation, self._number.get()), moment
        if here != (self._point.event, self._point.moment) or self.struck:
            return True
        self.struck = True
        self._strike()
        return await self._held()

    async def _held(self) -> bool:
        if self._point.signal == "SIGINT":
            await asyncio.sleep(HELD)
            return True
        await asyncio.to_thread(self._wait_until_gone)
        return False

    def _wait_until_gone(self) -> None:
        end = time.monotonic() + LEAVES_WITHIN
        while not self._gone() and time.monotonic() < end:
            time.sleep(LOOKS_EVERY)


@contextmanager
def watching(appeared: Callable[[], bool], strike: Callable[[], None]) -> Iterator[threading.Event]:
    """Calls `strike` once as soon as something appeared, and sets the event; looks as long as the context lasts."""
    struck, over = threading.Event(), threading.Event()

    def look() -> None:
        while not over.wait(LOOKS_EVERY):
            if appeared():
                strike()
                struck.set()
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield struck
    finally:
        over.set()
        thread.join()
