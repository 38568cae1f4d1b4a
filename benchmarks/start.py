"""How long the gateway takes to answer after its start, beside LiteLLM alone."""

from __future__ import annotations

from typing import Final

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.service import GATEWAY, LITELLM, Kind, Service

ALLOWED_SECONDS: Final = 0.5


def measure(service: Service, rounds: int) -> list[Figure]:
    """Start each kind `rounds` times, in turn; the first start of each only warms the caches."""
    samples: dict[Kind, list[tuple[float, float]]] = {GATEWAY: [], LITELLM: []}
    for number in range(1 + rounds):
        for kind in (GATEWAY, LITELLM) if number % 2 else (LITELLM, GATEWAY):
            samples[kind].append(_start(service, kind))
    wall = {kind: [seconds for seconds, _ in pairs[1:]] for kind, pairs in samples.items()}
    cpu = {kind: [seconds for _, seconds in pairs[1:]] for kind, pairs in samples.items()}
    alone = Figure("start", "LiteLLM alone, to the first 200", "s", wall[LITELLM])
    return [
        Figure("start", "gateway, to the first 200", "s", wall[GATEWAY], alone.median + ALLOWED_SECONDS),
        alone,
        Figure("start", "gateway, CPU until then", "s", cpu[GATEWAY]),
        Figure("start", "LiteLLM alone, CPU until then", "s", cpu[LITELLM]),
    ]


def _start(service: Service, kind: Kind) -> tuple[float, float]:
    """Seconds on the clock and of CPU."""
    with service.run(kind) as running:
        return running.start_seconds, processes.cpu_seconds(running.process)
