"""What the wrapper costs: CPU time for each call through the gateway, beside LiteLLM alone."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.service import GATEWAY, LITELLM, Service

WARM_UP = 100
CALLS = 200
ALLOWED_PERCENT = 5.0


def measure(service: Service, rounds: int) -> list[Figure]:
    """Both run side by side and get `CALLS` calls a round, one after the other; the order changes each round."""
    own: list[float] = []
    alone: list[float] = []
    with service.run(GATEWAY) as gateway, service.run(LITELLM) as litellm:
        for running in (gateway, litellm):
            running.chat(WARM_UP)
        for number in range(rounds):
            pairs = [(gateway, own), (litellm, alone)]
            for running, samples in pairs if number % 2 else reversed(pairs):
                samples.append(running.cpu_milliseconds_a_call(CALLS))
    added = [(with_wrapper / without - 1) * 100 for with_wrapper, without in zip(own, alone, strict=True)]
    return [
        Figure("cost", "gateway, CPU a call", "ms", own),
        Figure("cost", "LiteLLM alone, CPU a call", "ms", alone),
        Figure("cost", "added by the wrapper", "%", added, ALLOWED_PERCENT),
    ]
