"""The day's statement and the log line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litellm_gateway import spend
from litellm_gateway.budget import money
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.budget.statement import statement

pytestmark = pytest.mark.unit


def test_amounts_are_exact_texts() -> None:
    balances = [Balance(TOTAL, 1, 2_500_000_000_000, 3), Balance("provider:openai", 1, 0, 1)]
    shown = statement(dt.date(2026, 12, 31), balances, {TOTAL: 10 * 10**12})
    assert shown["day"] == "2026-12-31"
    assert shown["resets_at"] == "2027-01-01T00:00:00Z"
    assert shown["accounts"] == [
        {
            "account": "total",
            "limit_usd": "10.00",
            "spent_usd": "0.000000000001",
            "reserved_usd": "2.50",
            "left_usd": "7.499999999999",
            "requests": 3,
        },
        {
            "account": "provider:openai",
            "limit_usd": None,
            "spent_usd": "0.000000000001",
            "reserved_usd": "0.00",
            "left_usd": None,
            "requests": 1,
        },
    ]


def test_the_line() -> None:
    balance = Balance(TOTAL, money.picodollars(Decimal("0.00114")), 0, 11)
    assert spend.line(Decimal("0.000075"), "gpt-4o", balance, money.picodollars(Decimal(10))) == (
        "Budget: request cost $0.000075 model=gpt-4o today $0.0011 of $10.00 (11 requests)"
    )


def test_an_amount_is_rounded_up_where_it_bounds() -> None:
    assert money.at_least(Decimal("0.0000000000011")) == 2
    assert money.picodollars(Decimal("7.500000000000001e-05")) == 75_000_000


TOKENS = st.integers(0, 2_000_000)


@given(st.lists(st.tuples(TOKENS, st.sampled_from(["3e-06", "1.25e-06", "1e-05", "3e-08", "3.75e-06", "3.1250e-7"]))))
def test_what_was_added_up_in_floats_is_exact_to_the_picodollar(parts: list[tuple[int, str]]) -> None:
    """Prices of input, output and caches, as LiteLLM's price map has them, and costs as LiteLLM makes them."""
    told = sum(tokens * float(price) for tokens, price in parts)
    exact = sum((tokens * Decimal(price) for tokens, price in parts), Decimal(0))
    assert money.usd(money.picodollars(money.price(told))) == exact
