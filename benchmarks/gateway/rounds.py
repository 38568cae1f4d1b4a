"""All variants side by side: every slice of load goes to each of them in turn, so what disturbs one disturbs all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks import processes
from benchmarks.gateway import load
from benchmarks.service import PATH, body

if TYPE_CHECKING:
    from benchmarks.gateway.load import Load
    from benchmarks.service import Running

CLIENTS: Final = (1, 16, 64)
WARM_UP: Final = 200

_MEGABYTE: Final = 1e6


@dataclass
class Variant:
    """One thing that was measured; memory in megabytes, CPU in milliseconds a request by the number of clients."""

    name: str
    idle: float = 0.0
    after: float = 0.0
    loads: dict[int, list[Load]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))


def play(all_running: Sequence[Running], rounds: int, seconds: float) -> list[Variant]:
    """Measure all of them, `rounds` slices of `seconds` for each number of clients."""
    pairs = [(running, Variant(running.kind.name, idle=_memory(running))) for running in all_running]
    for running in all_running:
        running.chat(WARM_UP)
    for number in range(rounds):
        for clients in CLIENTS:
            for running, variant in pairs if number % 2 else reversed(pairs):
                _slice(running, variant, clients, seconds)
    for running, variant in pairs:
        variant.after = _memory(running)
    return [variant for _, variant in pairs]


def _slice(running: Running, variant: Variant, clients: int, seconds: float) -> None:
    sent = load.request(running.url, PATH, running.key, body())
    before = processes.session_cpu_seconds(running.process)
    done = load.run(running.url, sent, status=200, clients=clients, seconds=seconds)
    spent = processes.session_cpu_seconds(running.process) - before
    variant.loads[clients].append(done)
    variant.cpu[clients].append(spent * 1000 / len(done.latencies))


def _memory(running: Running) -> float:
    return processes.session_memory(running.process) / _MEGABYTE
