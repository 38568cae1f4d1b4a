"""Waiting: for a while, until something holds, and never past a deadline or an interrupt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from pulumi_railway.api.errors import NotFound, Refused
from pulumi_railway.errors import Cancelled, ResourceError

if TYPE_CHECKING:
    from pulumi_railway.handlers.base import Context

T = TypeVar("T")

READ_BACK: Final = (0.0, 0.3, 0.7, 1.5, 3.0)
"""Seconds before each look at what was just written: Railway's reads lag its writes by a few hundred milliseconds."""

YOUNG: Final = 600.0
"""Seconds after its creation within which reads may not show all of an object, clocks that differ allowed for."""

BUSY: Final = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each attempt at a write that is refused for a moment, while an environment or instance changes."""


@dataclass(frozen=True)
class Pace:
    """How often something is looked at, in seconds: fast at first, then `growth` times slower each time.

    `longest` is the longest interval while the rate limit leaves enough requests, `slowest` in any case.
    """

    first: float = 0.4
    growth: float = 1.2
    longest: float = 5.0
    slowest: float = 60.0


@dataclass(frozen=True)
class Clock:
    """The time of one operation; `now` gives seconds."""

    context: Context
    pace: Pace = Pace()
    now: Callable[[], float] = time.monotonic

    def polls(self, limit: float) -> Iterator[float]:
        """The seconds since the start, at once and after each pause, until `limit` is reached.

        What the rate limit leaves is spread over the time until then.
        """
        started, interval, told = self.now(), self.pace.first, False
        while True:
            yield self.now() - started
            left = limit - (self.now() - started)
            if left <= 0:
                return
            rate_limit = self.context.api.rate_limit
            spread = min(rate_limit.interval(left), self.pace.slowest)
            if spread > self.pace.longest and not told:
                told = True
                line = f"{rate_limit.remaining} requests are left in this hour: looking every {spread:.0f} s."
                self.context.log("info", line)
            pause(self.context, max(interval, spread))
            interval = min(interval * self.pace.growth, self.pace.longest)


def await_read(context: Context, look: Callable[[], T | None]) -> T | None:
    """What `look` finds of something just written, for as long as reads may lag; None where it does not show."""
    for seconds in READ_BACK:
        pause(context, seconds)
        if found := look():
            return found
    return None


def await_owner(context: Context, created_at: datetime, look: Callable[[], str | None]) -> str | None:
    """Who made something, as `look` reads it: of what is new, an owner that does not show may do so in a moment."""
    young = (datetime.now(UTC) - created_at).total_seconds() < YOUNG
    return (await_read(context, look) if young else None) or look()


def insist(context: Context, what: str, write: Callable[[], T]) -> T:
    """Make something of a service, again where Railway refuses it for a moment. Raises what it refuses for good."""
    refusal: NotFound | Refused | None = None
    for seconds in BUSY:
        pause(context, seconds)
        try:
            return write()
        except (NotFound, Refused) as error:
            refusal = error
            if "try again" not in error.message and not error.message.startswith("ServiceInstance"):
                raise
    raise ResourceError(f"Railway makes no {what}: {refusal}") from refusal


def pause(context: Context, seconds: float) -> None:
    """Wait. Raises `Cancelled` on an interrupt."""
    if context.sleep is not None:
        context.sleep(seconds)
    elif seconds:
        context.cancelled.wait(seconds)
    if context.cancelled.is_set():
        raise Cancelled("Interrupted. Run again; what was finished stays in the state.")
