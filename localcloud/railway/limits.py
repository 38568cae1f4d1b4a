"""How many requests a token may make in an hour, and how soon after another something may be created."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from localcloud.railway.errors import created_too_quickly

HOUR = 3600


@dataclass(frozen=True)
class Allowance:
    """The answer to one request: whether it may go on, and Railway's headers about it."""

    granted: bool
    headers: dict[str, str]


@dataclass
class RequestLimit:
    """Counts requests by token in windows of one hour. Not safe across threads: called from the server's loop only."""

    clock: Callable[[], float] = time.time
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, token: str, limit: int) -> Allowance:
        """Count one request. `X-RateLimit-Reset` is the end of the window in seconds since 1970."""
        now = self.clock()
        end, used = self._windows.get(token, (now + HOUR, 0))
        if now >= end:
            end, used = now + HOUR, 0
        granted = used < limit
        self._windows[token] = (end, used + granted)
        headers = {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(max(0, limit - used - 1)),
            "x-ratelimit-reset": str(round(end)),
        }
        if not granted:
            headers["retry-after"] = str(max(1, round(end - now)))
        return Allowance(granted, headers)

    def clear(self) -> None:
        """Begin anew."""
        self._windows.clear()


@dataclass
class CreationLimit:
    """One creation of a kind in an interval; all tokens belong to one user. Called under the lock of the world."""

    clock: Callable[[], float] = time.monotonic
    _last: dict[str, float] = field(default_factory=dict)

    def take(self, kind: str, interval: float) -> None:
        """Count an attempt. Raises `RailwayError` within `interval` seconds of the one before, which counts too."""
        now = self.clock()
        last = self._last.get(kind, now - interval)
        self._last[kind] = now
        if now - last < interval:
            raise created_too_quickly(kind, interval)
