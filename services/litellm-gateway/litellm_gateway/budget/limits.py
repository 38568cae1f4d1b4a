"""What an account may spend in a day, from the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_gateway.budget.ledger import TOTAL
from litellm_gateway.budget.money import picodollars

if TYPE_CHECKING:
    from litellm_gateway.config import Configuration


def limits(configuration: Configuration) -> dict[str, int]:
    """Account -> picodollars a day."""
    providers = {f"provider:{name}": usd for name, usd in configuration.provider_budgets.items()}
    return {account: picodollars(usd) for account, usd in {TOTAL: configuration.daily_budget, **providers}.items()}
