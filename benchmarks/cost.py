"""What the wrapper costs: CPU time for each call through the gateway, beside LiteLLM alone."""

from __future__ import annotations

import statistics
from typing import Final

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.service import GATEWAY, LITELLM, Running, Service

WARM_UP: Final = 100
SLICES: Final = 16
CALLS: Final = 25
PAIRS: Final = 3
"""Processes of each kind in a round."""

ALLOWED_PERCENT: Final = 5.0


def measure(service: Service, rounds: int) -> list[Figure]:
    """Each round starts several of both: how fast a process is also depends on where its memory happens to lie."""
    own, alone = zip(*(_round(service) for _ in range(rounds)), strict=True)
    added = [(with_wrapper / without - 1) * 100 for with_wrapper, without in zip(own, alone, strict=True)]
    return [
        Figure("cost", "gateway, CPU a call", "ms", own),
        Figure("cost", "LiteLLM alone, CPU a call", "ms", alone),
        Figure("cost", "added by the wrapper, budgets on", "%", added, ALLOWED_PERCENT),
    ]


def _round(service: Service) -> tuple[float, float]:
    """Milliseconds of CPU a call of each, on average over all pairs."""
    own, alone = zip(*(_pair(service) for _ in range(PAIRS)), strict=True)
    return statistics.mean(own), statistics.mean(alone)


def _pair(service: Service) -> tuple[float, float]:
    """Both run side by side; what disturbs one of them disturbs the other as much."""
    with service.run(GATEWAY) as gateway, service.run(LITELLM) as litellm:
        for running in (gateway, litellm):
            running.chat(WARM_UP)
        return _take_turns(gateway, litellm)


def _take_turns(gateway: Running, litellm: Running) -> tuple[float, float]:
    """Milliseconds of CPU a call of each, called in slices that take turns; who waits takes no CPU."""
    both = (gateway, litellm)
    before = [processes.cpu_seconds(running.process) for running in both]
    for number in range(SLICES):
        for running in both if number % 2 else reversed(both):
            running.chat(CALLS)
    after = [processes.cpu_seconds(running.process) for running in both]
    own, alone = ((end - begin) * 1000 / (SLICES * CALLS) for begin, end in zip(before, after, strict=True))
    return own, alone
