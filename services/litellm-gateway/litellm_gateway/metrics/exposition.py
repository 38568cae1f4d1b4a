"""Prometheus's text format, version 0.0.4. Source: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from litellm_gateway.budget import money
from litellm_gateway.metrics.families import FAMILIES, Family, sample

if TYPE_CHECKING:
    from litellm_gateway.budget.ledger import Balance
    from litellm_gateway.headers import Identity

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_OF_HISTOGRAMS: Final = ("_bucket", "_sum", "_count")
_GAUGES: Final = {
    "gateway_budget_limit_usd": "What an account may spend today.",
    "gateway_budget_spent_usd": "What it has spent.",
    "gateway_budget_reserved_usd": "What running requests may yet cost.",
    "gateway_budget_left_usd": "What is left of the limit.",
}


def exposition(
    counted: Mapping[str, int], balances: Iterable[Balance], limits: Mapping[str, int], identity: Identity
) -> str:
    """All samples: the counted ones, each account's day, and which deployment this is."""
    lines = [*_information(identity)]
    for name, family in FAMILIES.items():
        lines += _family(name, family.kind, family.text, _counted(name, family, counted))
    gauges = {name: dict[str, Decimal]() for name in _GAUGES}
    for balance in balances:
        for name, amount in _budget(balance, limits.get(balance.account)).items():
            gauges[name][sample(name, account=balance.account)] = money.usd(amount)
    for name, text in _GAUGES.items():
        lines += _family(name, "gauge", text, gauges[name])
    return "\n".join(lines) + "\n"


def _information(identity: Identity) -> Iterator[str]:
    shown = sample("gateway_info", deployment=identity.deployment, commit=identity.commit)
    yield from _family("gateway_info", "gauge", "Which deployment answers.", {shown: Decimal(1)})


def _family(name: str, kind: str, text: str, samples: Mapping[str, Decimal]) -> list[str]:
    if not samples:
        return []
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *(f"{one} {_number(samples[one])}" for one in samples)]


def _counted(name: str, family: Family, counted: Mapping[str, int]) -> dict[str, Decimal]:
    """The samples of a family. Buckets and counts are numbers of requests, whatever the family's unit."""
    names = [name + suffix for suffix in _OF_HISTOGRAMS] if family.kind == "histogram" else [name]
    unit = {one: Decimal(1) if one.endswith(("_bucket", "_count")) else family.unit for one in names}
    own = ((one, one.partition("{")[0], value) for one, value in counted.items())
    return {one: value * unit[of] for one, of, value in own if of in unit}


def _budget(balance: Balance, limit: int | None) -> dict[str, int]:
    shown = {"gateway_budget_spent_usd": balance.spent, "gateway_budget_reserved_usd": balance.reserved}
    if limit is not None:
        shown |= {"gateway_budget_limit_usd": limit, "gateway_budget_left_usd": balance.left(limit)}
    return shown


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
