"""What the requests of a day cost, added up in this process.

The count starts at zero with the process and is reported, not enforced: no request is refused for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def utc_today() -> dt.date:
    """The day whose spending is counted; it changes at midnight UTC."""
    return dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True)
class Day:
    """What one day came to: US dollars and requests."""

    date: dt.date
    spent: Decimal = Decimal(0)
    requests: int = 0


class Spend:
    """Adds up the cost of requests per day, beside a budget in US dollars."""

    def __init__(self, budget: Decimal, today: Callable[[], dt.date] = utc_today) -> None:
        self.budget = budget
        self._today = today
        self._day = Day(today())

    def add(self, cost: Decimal) -> Day:
        """Count one request of `cost` US dollars and return the day so far."""
        date = self._today()
        before = self._day if self._day.date == date else Day(date)
        self._day = Day(date, before.spent + cost, before.requests + 1)
        return self._day


def line(cost: Decimal, model: str, day: Day, budget: Decimal) -> str:
    """The log line of one request."""
    return (
        f"Budget: request cost ${cost:.6f} model={model} "
        f"today ${day.spent:.4f} of ${budget:.2f} ({day.requests} requests)"
    )
