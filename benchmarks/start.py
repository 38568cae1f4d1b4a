"""How long the gateway takes to answer after its start, beside LiteLLM alone."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.service import GATEWAY, LITELLM, Kind, Service

ALLOWED_SECONDS = 0.5


def measure(service: Service, rounds: int) -> list[Figure]:
    """Start each kind `rounds` times, in turn; the first start of each only warms the caches."""
    seconds: dict[str, list[float]] = {kind.name: [] for kind in (GATEWAY, LITELLM)}
    for _ in range(1 + rounds):
        for kind in (GATEWAY, LITELLM):
            seconds[kind.name].append(_start(service, kind))
    alone = Figure("start", "LiteLLM alone, start to first 200", "s", seconds[LITELLM.name][1:])
    target = alone.median + ALLOWED_SECONDS
    return [Figure("start", "gateway, start to first 200", "s", seconds[GATEWAY.name][1:], target), alone]


def _start(service: Service, kind: Kind) -> float:
    with service.run(kind) as running:
        return running.start_seconds
