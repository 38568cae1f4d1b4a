"""A cost that is told more than once, or late, whatever keeps the ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from litellm_gateway.budget.estimate import Price, Size
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.budget.meter import Meter
from litellm_gateway.budget.money import LARGEST, picodollars
from litellm_gateway.budget.route import Route
from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from litellm_gateway.budget.call import Settlement
    from litellm_gateway.budget.ledger import Ledger

pytestmark = pytest.mark.contract

COST = Decimal("0.001")
ONCE = [
    Balance("key:team", 1_000_000_000, 0, 1),
    Balance("provider:openai", 1_000_000_000, 0, 1),
    Balance(TOTAL, 1_000_000_000, 0, 1),
]


@pytest.fixture
def meter(ledger: Ledger) -> Meter:
    """With one call under way."""
    price = Price({"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05})
    meter = Meter(ledger, {"gpt-4o": Route(price, "openai", ())}, {TOTAL: 10**13}, lambda: dt.datetime.now(dt.UTC))
    meter.open("a", "gpt-4o", Size(1000, 100), "key:team")
    meter.attempt("a", "gpt-4o")
    return meter


def test_a_cost_that_is_told_twice_counts_once(meter: Meter, ledger: Ledger) -> None:
    for _ in range(2):
        meter.settle("a", "gpt-4o", COST)
    assert ledger.balances()[1] == ONCE


def test_a_cost_that_is_told_after_a_failure_counts_once_and_for_the_client(meter: Meter, ledger: Ledger) -> None:
    ended: list[Settlement | None] = []
    meter.failed("a", billed=False)
    meter.finish("a", 502, ended.append)
    assert ended == [None]
    assert ledger.balances()[1] == []
    for _ in range(2):
        meter.settle("a", "gpt-4o", COST)
    assert ledger.balances()[1] == ONCE


def test_a_cost_that_cannot_be_counts_as_the_largest_that_can_be_counted(meter: Meter, ledger: Ledger) -> None:
    """So one absurd answer ends the day's budget, and not the counting."""
    meter.settle("a", "gpt-4o", Decimal(10) ** 12)
    assert ledger.balances()[1][-1] == Balance(TOTAL, picodollars(LARGEST), 0, 1)
    with pytest.raises(RequestError, match="budget"):
        meter.open("b", "gpt-4o", Size(1000, 100))
