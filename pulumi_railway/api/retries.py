"""When a request is sent again: one named policy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tenacity

from pulumi_railway.api.errors import RailwayError, RateLimited, Unavailable
from pulumi_railway.errors import Cancelled

if TYPE_CHECKING:
    from pulumi_railway.api.client import Log

_TOO_MANY = 429
INTERRUPTED = "Interrupted while waiting for Railway. Run again; what was finished stays in the state."


@dataclass(frozen=True)
class RetryPolicy:
    """Repeats what Railway certainly did not do, or may do twice; never an `AmbiguousResult`. Times are in seconds.

    A 429, or a refusal that says how long to wait, is repeated for every operation after that time, up to
    `longest_pause`; a lost answer or a server error only for reads and idempotent writes, with exponential backoff from
    `backoff` and some jitter. `answer` is how long one request may take, `total` all attempts.
    """

    attempts: int = 5
    longest_pause: float = 120.0
    total: float = 300.0
    answer: float = 30.0
    backoff: float = 0.5
    longest_backoff: float = 15.0

    def repeats(self, error: BaseException) -> bool:
        """Whether a request that ended in `error` is sent again."""
        if isinstance(error, RateLimited):
            known = error.status == _TOO_MANY or error.retry_after is not None
            return known and (error.retry_after or 0.0) <= self.longest_pause
        return isinstance(error, Unavailable)

    def pause(self, state: tenacity.RetryCallState) -> float:
        """Seconds before the next attempt."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after
        backoff = tenacity.wait_exponential_jitter(
            multiplier=self.backoff, max=self.longest_backoff, jitter=self.backoff
        )
        return backoff(state)

    def retrying(self, log: Log, cancelled: threading.Event) -> tenacity.Retrying:
        """This policy as a callable that runs a function; it ends early with `Cancelled`."""
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self.repeats),
            wait=self.pause,
            stop=tenacity.stop_after_attempt(self.attempts) | tenacity.stop_before_delay(self.total),
            before_sleep=_announcement(log),
            sleep=interruptible(cancelled),
            reraise=True,
        )


def _announcement(log: Log) -> Callable[[tenacity.RetryCallState], None]:
    def announce(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RailwayError):
            status = f" (HTTP {error.status})" if error.status else ""
            line = f"Railway, {error.operation}: {error.message}{status}; trying again in {state.upcoming_sleep:.0f} s."
            log("warning" if isinstance(error, RateLimited) else "debug", line)

    return announce


def interruptible(cancelled: threading.Event) -> Callable[[float], None]:
    """A sleep of so many seconds that `cancelled` ends with `Cancelled`."""

    def sleep(seconds: float) -> None:
        if cancelled.wait(seconds):
            raise Cancelled(INTERRUPTED)

    return sleep
