"""Prices and shutdown dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from litellm_gateway import prices

pytestmark = pytest.mark.unit

PRICE = {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}
PRICE_MAP: dict[str, dict[str, Any]] = {
    "claude-good": {**PRICE, "litellm_provider": "anthropic"},
    "claude-ending": {**PRICE, "litellm_provider": "anthropic", "deprecation_date": "2026-11-30"},
    "gemini/flash": {**PRICE, "litellm_provider": "gemini"},
    "flash": {**PRICE, "litellm_provider": "vertex_ai", "deprecation_date": "2020-01-01"},
    "half": {"input_cost_per_token": 1e-06, "litellm_provider": "openai"},
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("upstream", ["anthropic/claude-good", "gemini/flash"])
def test_a_priced_living_model_has_no_problem(upstream: str) -> None:
    assert prices.problems({"m": upstream}, PRICE_MAP, day("2026-11-24")) == []
    assert prices.warnings({"m": upstream}, PRICE_MAP, day("2026-11-24")) == []


@pytest.mark.parametrize("upstream", ["anthropic/unknown", "openai/half", "openai/claude-good", "gemini/claude-good"])
def test_a_model_without_a_price_of_its_own_provider_is_a_problem(upstream: str) -> None:
    (problem,) = prices.problems({"m": upstream}, PRICE_MAP, day("2026-11-24"))
    assert problem.startswith(f"the model 'm' ({upstream}) has no price")


@pytest.mark.parametrize(
    ("today", "problems", "warnings"),
    [
        ("2026-10-30", 0, 0),
        ("2026-10-31", 0, 1),
        ("2026-11-29", 0, 1),
        ("2026-11-30", 1, 0),
        ("2027-01-01", 1, 0),
    ],
)
def test_a_shutdown_is_warned_of_and_then_a_problem(today: str, problems: int, warnings: int) -> None:
    upstreams = {"m": "anthropic/claude-ending"}
    found = prices.problems(upstreams, PRICE_MAP, day(today))
    warned = prices.warnings(upstreams, PRICE_MAP, day(today))
    assert (len(found), len(warned)) == (problems, warnings)
    assert all("2026-11-30" in line for line in found + warned)
