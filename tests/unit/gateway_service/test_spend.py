"""The day's total."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from litellm_gateway import spend

pytestmark = pytest.mark.unit


def test_costs_add_up_exactly_and_start_anew_each_day() -> None:
    today = [dt.date(2026, 11, 24)]
    spent = spend.Spend(Decimal(10), today=lambda: today[0])
    for _ in range(3):
        day = spent.add(Decimal("0.1"))
    assert day == spend.Day(dt.date(2026, 11, 24), Decimal("0.3"), 3)
    today[0] = dt.date(2026, 11, 25)
    assert spent.add(Decimal("0.2")) == spend.Day(dt.date(2026, 11, 25), Decimal("0.2"), 1)


def test_the_line() -> None:
    day = spend.Day(dt.date(2026, 11, 24), Decimal("0.00114"), 11)
    assert spend.line(Decimal("0.000075"), "gpt-4o", day, Decimal(10)) == (
        "Budget: request cost $0.000075 model=gpt-4o today $0.0011 of $10.00 (11 requests)"
    )
