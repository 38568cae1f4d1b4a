"""What the page at `/status` shows, gathered from the ledger and from the numbers about requests."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from litellm_gateway.budget.ledger import Balance
    from litellm_gateway.metrics.store import Spent, Told

FALLBACKS: Final = 20
"""How many requests that fell back are shown."""

_FIRST_ERROR: Final = 400


@dataclass(frozen=True)
class Result:
    """What became of a model's last attempt: empty `reason` where it answered."""

    at: float
    reason: str


@dataclass(frozen=True)
class ModelState:
    """A model: whom it pays, its last result, what it cost today in picodollars, and how many requests it answered."""

    name: str
    provider: str
    last: Result | None
    spent: int
    requests: int


@dataclass(frozen=True)
class Percentiles:
    """Of `requests` answered ones, in milliseconds; None where there are none."""

    requests: int
    latency: tuple[float, float] | None
    overhead: tuple[float, float] | None


@dataclass(frozen=True)
class Overview:
    """Everything on the page. `accounts` are the ledger's, `clients` maps names to what they spent today."""

    now: dt.datetime
    accounts: Sequence[Balance]
    limits: Mapping[str, int]
    models: Sequence[ModelState]
    clients: Mapping[str, int]
    percentiles: Percentiles
    fallbacks: Sequence[Told]


def overview(
    now: dt.datetime,
    *,
    accounts: Sequence[Balance],
    limits: Mapping[str, int],
    models: Iterable[str],
    provider: Callable[[str], str],
    spent: Sequence[Spent],
    recent: Sequence[Told],
) -> Overview:
    """`recent` is newest first; `provider` tells whom a model pays."""
    by_model, requests, by_client = Counter[str](), Counter[str](), Counter[str]()
    for one in spent:
        by_model[one.model] += one.amount
        requests[one.model] += one.requests
        by_client[one.client] += one.amount
    states = [ModelState(name, provider(name), last(name, recent), by_model[name], requests[name]) for name in models]
    fallbacks = [told for told in recent if told.line.get("fallbacks")][:FALLBACKS]
    return Overview(now, accounts, limits, states, dict(by_client.most_common()), percentiles(recent), fallbacks)


def last(model: str, recent: Iterable[Told]) -> Result | None:
    """What became of the last attempt to ask a model."""
    for told in recent:
        if told.line.get("served_by") == model:
            return Result(told.at, "")
        for hop in told.line.get("fallbacks", ()):
            if hop["from"] == model:
                return Result(told.at, hop["reason"])
    return None


def percentiles(recent: Iterable[Told]) -> Percentiles:
    """The 50th and the 95th, of latency and overhead."""
    answered = [told.line for told in recent if told.line["status"] < _FIRST_ERROR]
    return Percentiles(len(answered), _both(answered, "latency_ms"), _both(answered, "overhead_ms"))


def _both(lines: Iterable[Mapping[str, Any]], field: str) -> tuple[float, float] | None:
    values = sorted(line[field] for line in lines if field in line)
    return (_rank(values, 0.5), _rank(values, 0.95)) if values else None


def _rank(values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of all values does not exceed."""
    return values[math.ceil(part * len(values)) - 1]
