"""Railway's rate limit, as the headers of its answers tell it: so many requests an hour, and so many a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from pulumi_railway.api.headers import reset_after, whole_number

SMALLEST: Final = 100
"""Requests an hour on the Free plan, which is assumed until Railway says how many are left."""

RESERVE: Final = 15
"""Requests that polling leaves for what may follow it: the logs of a failure, the way back to the last release."""

_HOUR: Final = 3600.0
_PRO: Final = 10_000
_FASTEST: Final = 50
"""Requests a second for a limit of `_PRO` an hour or more."""
_FAST: Final = 10
"""Requests a second for any smaller limit."""


class RateLimit:
    """What is left of the limit. Safe to use from several threads; `now` gives seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.remaining = SMALLEST
        """Requests left until the limit resets, as Railway last said."""
        self._per_second: int | None = None
        self._reset_at: float | None = None
        self._sent: deque[float] = deque(maxlen=_FASTEST)
        self._now = now
        self._lock = threading.Lock()

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take in the headers of an answer; what they do not say stays as it was."""
        limit = whole_number(headers.get("x-ratelimit-limit"))
        if limit is not None:
            self._per_second = _FASTEST if limit >= _PRO else _FAST
        remaining = whole_number(headers.get("x-ratelimit-remaining"))
        if remaining is not None:
            self.remaining = remaining
        seconds = reset_after(headers.get("x-ratelimit-reset"))
        if seconds is not None:
            self._reset_at = self._now() + seconds

    def delay(self) -> float:
        """Seconds to wait before one more request is sent, which counts from then on."""
        with self._lock:
            now = at = self._now()
            if self._per_second and len(self._sent) >= self._per_second:
                at = max(now, self._sent[-self._per_second] + 1.0)
            self._sent.append(at)
            return at - now

    def interval(self, seconds: float) -> float:
        """Seconds between polls that may go on for `seconds`, so that what is left lasts, less the reserve."""
        until_reset = _HOUR if self._reset_at is None else max(0.0, self._reset_at - self._now())
        return min(seconds, until_reset) / max(1, self.remaining - RESERVE)
