"""What the status page shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from litellm_gateway.metrics.store import Told
from litellm_gateway.status.overview import Percentiles, Result, last, overview, percentiles

pytestmark = pytest.mark.unit

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def told(at: float, **line: Any) -> Told:
    return Told(at, {"status": 200, **line})


def hop(model: str, reason: str = "Timeout") -> dict[str, Any]:
    return {"from": model, "to": None, "reason": reason}


def test_the_last_result_is_that_of_the_newest_attempt() -> None:
    recent = [told(3, served_by="b"), told(2, served_by="b", fallbacks=[hop("a")]), told(1, served_by="a")]
    assert last("a", recent) == Result(2, "Timeout")
    assert last("b", recent) == Result(3, "")
    assert last("c", recent) is None


def test_the_latest_fallbacks_are_shown() -> None:
    recent = [told(100 - n, fallbacks=[hop("a")] if n % 2 else []) for n in range(100)]
    nothing: dict[str, int] = {}
    shown = overview(NOW, accounts=[], limits=nothing, models=[], provider=lambda model: model, spent=[], recent=recent)
    assert [each.at for each in shown.fallbacks] == [99 - 2 * n for n in range(20)]


def test_percentiles_are_of_the_answered() -> None:
    recent = [told(n, latency_ms=float(n), overhead_ms=1.0) for n in range(1, 101)]
    refused = told(0, status=429, latency_ms=9999.0)
    assert percentiles([refused, *recent]) == Percentiles(100, (50.0, 95.0), (1.0, 1.0))
    assert percentiles([told(n, latency_ms=float(n)) for n in (3, 1, 2)]).latency == (2.0, 3.0)
    assert percentiles([refused]) == Percentiles(0, None, None)
    assert percentiles([told(1, latency_ms=7.0)]) == Percentiles(1, (7.0, 7.0), None)
