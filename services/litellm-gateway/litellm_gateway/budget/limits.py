"""What an account may spend in a day, from the configuration and the clients' keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_gateway.budget.ledger import TOTAL
from litellm_gateway.budget.money import picodollars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_gateway.clients import Client
    from litellm_gateway.config import Configuration


def limits(configuration: Configuration, clients: Iterable[Client] = ()) -> dict[str, int]:
    """Account -> picodollars a day."""
    providers = {f"provider:{name}": usd for name, usd in configuration.provider_budgets.items()}
    keys = {client.account: client.budget for client in clients if client.budget is not None}
    amounts = {TOTAL: configuration.daily_budget, **providers, **keys}
    return {account: picodollars(usd) for account, usd in amounts.items()}
