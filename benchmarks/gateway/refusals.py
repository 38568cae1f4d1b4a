"""What strangers can do to the gateway: the CPU of a refusal, and the memory that huge bodies take."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.gateway import load
from benchmarks.service import PATH, body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.service import Running

CLIENTS: Final = 32
BODY_BYTES: Final = 100_000_000
ALLOWED_MILLISECONDS: Final = 0.3
ALLOWED_MEGABYTES: Final = 5.0
"""What the memory of a process moves by itself."""

_PIECE: Final = bytes(1_000_000)
_MEGABYTE: Final = 1e6


def measure(gateway: Running, seconds: float, rounds: int) -> Sequence[Figure]:
    """Refuse anonymous requests `rounds` times for `seconds`, then as many times 32 bodies of 100 MB each."""
    cpu = [_refusal(gateway, seconds) for _ in range(rounds)]
    grown = [_growth(gateway) for _ in range(rounds)]
    return [
        Figure("refusals", "CPU of an anonymous request refused", "ms", cpu, ALLOWED_MILLISECONDS),
        Figure("refusals", f"memory after {CLIENTS} anonymous bodies of 100 MB", "MB", grown, ALLOWED_MEGABYTES),
    ]


def _refusal(gateway: Running, seconds: float) -> float:
    """Milliseconds of CPU."""
    sent = load.request(gateway.url, PATH, None, body())
    before = processes.session_cpu_seconds(gateway.process)
    done = load.run(gateway.url, sent, status=401, clients=CLIENTS, seconds=seconds)
    return (processes.session_cpu_seconds(gateway.process) - before) * 1000 / len(done.latencies)


def _growth(gateway: Running) -> float:
    """Megabytes by which the memory is larger afterwards."""
    before = processes.session_memory(gateway.process)
    asyncio.run(_send_all(gateway.url))
    return (processes.session_memory(gateway.process) - before) / _MEGABYTE


async def _send_all(url: str) -> None:
    await asyncio.gather(*(_send(url) for _ in range(CLIENTS)))


async def _send(url: str) -> None:
    """Send a body for as long as the server takes it; one that refuses before the body closes the connection."""
    _, writer = await load.connect(url)
    head, _, _ = load.request(url, PATH, None, b"").partition(b"content-length")
    try:
        writer.write(head + f"content-length: {BODY_BYTES}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(BODY_BYTES // len(_PIECE)):
                writer.write(_PIECE)
                await writer.drain()
    finally:
        writer.close()
