"""The log line of one request's cost, in the words of the deployment plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_gateway.budget import money

if TYPE_CHECKING:
    from decimal import Decimal

    from litellm_gateway.budget.ledger import Balance


def line(cost: Decimal | None, model: str, balance: Balance, limit: int) -> str:
    """`balance` is the day's, after the request; `limit` in picodollars."""
    shown = "unknown" if cost is None else f"${cost:.6f}"
    return (
        f"Budget: request cost {shown} model={model} today ${money.usd(balance.spent):.4f} "
        f"of ${money.usd(limit):.2f} ({balance.requests} requests)"
    )
