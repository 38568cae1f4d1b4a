"""What is promised of the gateway, and the figures that say whether it is kept."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from benchmarks.gateway.rounds import Variant

ALLOWED_SECONDS: Final = 0.5
SPEED_UP: Final = 1.8
BUSY: Final = 16
"""Clients that keep every worker busy."""


@dataclass(frozen=True)
class Measured:
    """All variants in the order upstream, LiteLLM alone, gateway, gateway with two workers; and the figures."""

    variants: Sequence[Variant]
    figures: Sequence[Figure]


def figures(
    alone: Sequence[float], gateway: Sequence[float], variants: Sequence[Variant], others: Sequence[Figure]
) -> list[Figure]:
    """`alone` and `gateway` are seconds of their starts. A figure's samples are of one round each."""
    _, _, one, two = variants
    single = [load.rate for load in one.loads[BUSY]]
    double = [load.rate for load in two.loads[BUSY]]
    return [
        Figure("workers", "time of a request with 2 workers", "of 1", _ratios(single, double), 1 / SPEED_UP),
        *others,
        Figure("start", "LiteLLM alone", "s", alone),
        Figure("start", "gateway", "s", gateway, statistics.median(alone) + ALLOWED_SECONDS),
    ]


def _ratios(single: Sequence[float], double: Sequence[float]) -> list[float]:
    return [one / two for one, two in zip(single, double, strict=True)]
