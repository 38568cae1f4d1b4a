"""One call under way: who is asked, what is reserved for it, what it cost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litellm_gateway.budget.ledger import TOTAL

if TYPE_CHECKING:
    from litellm_gateway.budget.estimate import Size
    from litellm_gateway.budget.ledger import Balance, OverLimitError


@dataclass(frozen=True)
class Settlement:
    """What an answer cost in picodollars, and the day's balance after it; None where that could not be written.

    `unanswered` is what counts beside it, by model: what providers may bill although their answer never came.
    """

    amount: int
    balance: Balance | None
    unanswered: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Call:
    """`model` is what the client asked for, `asked` who is being asked now, and `tried` whether anybody was before.

    `held` is what is reserved, by account, `unanswered` what models asked in vain may cost, `refused` the last budget
    that stood in the way.
    """

    model: str
    size: Size
    client: str | None = None
    asked: str | None = None
    tried: bool = False
    held: dict[str, int] = field(default_factory=dict)
    unanswered: Counter[str] = field(default_factory=Counter)
    refused: OverLimitError | None = None
    settlement: Settlement | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def in_vain(self) -> bool:
        """Whether whoever was asked has failed, and nobody is being asked."""
        return self.tried and self.asked is None

    @property
    def accounts(self) -> tuple[str, ...]:
        """What it counts towards, whoever answers it."""
        return (TOTAL,) if self.client is None else (TOTAL, self.client)
