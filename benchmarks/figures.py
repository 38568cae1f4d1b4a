"""A measured figure: samples of one quantity, their median and spread, and the target beside them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


class BenchmarkError(Exception):
    """A measurement could not be made; the message says why and what to do."""


@dataclass(frozen=True)
class Figure:
    """`samples` in `unit`, one a round. `target` is the largest median that is promised, None where nothing is."""

    benchmark: str
    name: str
    unit: str
    samples: Sequence[float]
    target: float | None = None

    @property
    def median(self) -> float:
        """The median of the samples."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest sample."""
        return min(self.samples), max(self.samples)

    @property
    def met(self) -> bool | None:
        """Whether the median keeps the target; None without one."""
        return None if self.target is None else self.median <= self.target
