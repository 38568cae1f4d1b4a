"""Time: stamps, what is due later, and values that readers see late."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


class Timers:
    """Actions that are due later, each in a thread of its own; none is left after `cancel()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: set[threading.Timer] = set()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` in `seconds`; it takes the locks it needs itself."""

        def run() -> None:
            with self._lock:
                if timer not in self._pending:
                    return
                self._pending.remove(timer)
            action()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        with self._lock:
            self._pending.add(timer)
        timer.start()

    def cancel(self) -> None:
        """Drop what has not begun."""
        with self._lock:
            pending, self._pending = self._pending, set()
        for timer in pending:
            timer.cancel()


class Lagging(Generic[T]):
    """A value whose readers see a write only after a while."""

    def __init__(self, value: T, clock: Callable[[], float] = time.monotonic) -> None:
        self.current = value
        self._clock = clock
        self._before = value
        self._until = 0.0

    def write(self, value: T, lag: float) -> None:
        """Replace the value; for `lag` seconds `visible` is still what it was before."""
        if self._clock() >= self._until:
            self._before = self.current
        self.current = value
        self._until = self._clock() + lag

    @property
    def visible(self) -> T:
        """The value as reads show it."""
        return self._before if self._clock() < self._until else self.current
