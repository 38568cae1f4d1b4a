"""The day's budget as JSON, for `GET /v1/budget` and for operators. Amounts are decimal texts in US dollars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from litellm_gateway.budget import money
from litellm_gateway.budget.ledger import TOTAL, Balance, midnight_after


def statement(
    day: dt.date, balances: Iterable[Balance], limits: Mapping[str, int], only: Iterable[str] | None = None
) -> dict[str, Any]:
    """Every account that has a limit or something on it, or `only` some.

    One without a limit has null for it and for what is left.
    """
    accounts = complete(balances, limits)
    if only is not None:
        found = {balance.account: balance for balance in accounts}
        accounts = [found.get(name, Balance(name)) for name in only]
    return {
        "object": "budget",
        "day": day.isoformat(),
        "resets_at": midnight_after(day).isoformat().replace("+00:00", "Z"),
        "accounts": [_entry(balance, limits.get(balance.account)) for balance in accounts],
    }


def complete(balances: Iterable[Balance], limits: Mapping[str, int]) -> list[Balance]:
    """Every account that has a limit or something on it, `TOTAL` first."""
    found = {balance.account: balance for balance in balances}
    names = sorted({TOTAL, *limits, *found}, key=lambda name: (name != TOTAL, name))
    return [found.get(name, Balance(name)) for name in names]


def _entry(balance: Balance, limit: int | None) -> dict[str, Any]:
    left = None if limit is None else balance.left(limit)
    return {
        "account": balance.account,
        "limit_usd": _text(limit),
        "spent_usd": _text(balance.spent),
        "reserved_usd": _text(balance.reserved),
        "left_usd": _text(left),
        "requests": balance.requests,
    }


def _text(picodollars: int | None) -> str | None:
    return None if picodollars is None else money.text(picodollars)
