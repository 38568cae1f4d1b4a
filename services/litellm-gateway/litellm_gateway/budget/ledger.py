"""What a ledger does, whatever keeps it. Amounts are picodollars; a day is a date in UTC.

For every account and day it holds what was spent and what is reserved. A reservation belongs to a call and lasts until
it is settled, released, or no longer renewed: then whoever made it is dead. Whoever lives renews three times meanwhile,
so where half of that time went by unseen, the clock was set or everybody slept, and reservations move along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

TOTAL: Final = "total"
"""The account that every request counts towards."""

LASTS: Final = 60.0
"""Seconds after which a reservation that nobody renews is dropped."""

RENEWED: Final = LASTS / 3
"""Seconds between two renewals."""

UNSEEN: Final = LASTS / 2
"""Seconds, forwards or backwards, that cannot have passed while anybody renewed."""


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says which and why. Nothing may be spent meanwhile."""


@dataclass(frozen=True)
class Balance:
    """One account on one day."""

    account: str
    spent: int = 0
    reserved: int = 0
    requests: int = 0

    def left(self, limit: int) -> int:
        """What could still be reserved."""
        return max(0, limit - self.spent - self.reserved)


class OverLimitError(Exception):
    """An account has not enough left for a reservation; nothing was reserved anywhere."""

    def __init__(self, balance: Balance, limit: int, wanted: int) -> None:
        super().__init__(balance.account)
        self.balance = balance
        self.limit = limit
        self.wanted = wanted

    @property
    def left(self) -> int:
        """What could still be reserved."""
        return self.balance.left(self.limit)


class Ledger(Protocol):
    """All methods raise `LedgerError`. Several processes may use one ledger at the same time.

    `place` says for people which one it is; it holds no secret.
    """

    @property
    def place(self) -> str: ...  # noqa: D102 - see above

    def reserve(self, call: str, amounts: Mapping[str, int], limits: Mapping[str, int]) -> None:
        """Reserve an amount in each account for a call, in all or in none. Raises `OverLimitError`.

        An account without a limit is only counted. Where the call has something reserved in one already, the amount
        takes its place; what was reserved stays where the amount does not fit.
        """

    def settle(self, call: str, costs: Mapping[str, int]) -> Balance:
        """Put costs in the place of everything reserved for the call; returns the balance of `TOTAL` after it.

        They count towards the day on which they were reserved.
        """

    def release(self, call: str, accounts: Collection[str] | None = None) -> None:
        """Give back what is reserved for the call, in these accounts or in all."""

    def renew(self, calls: Mapping[str, Mapping[str, int]]) -> None:
        """Say that these calls still go on, with what is reserved for each; what was dropped is reserved again."""

    def balances(self) -> tuple[dt.date, list[Balance]]:
        """The present day, and every account that has something on it."""

    def reset(self, accounts: Collection[str] | None = None) -> None:
        """Set what was spent today in these accounts, or in all, back to nothing."""

    def close(self) -> None:
        """Close what is open."""


def midnight_after(day: dt.date) -> dt.datetime:
    """When the next day begins."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def utc_today() -> dt.date:
    """The day whose spending is counted; it changes at midnight UTC."""
    return dt.datetime.now(dt.UTC).date()
