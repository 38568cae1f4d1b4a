"""Load: a number of clients, each with a connection of its own, that ask again as soon as they are answered.

Requests are bytes made once and answers are read no further than needed: what the load takes of the machine is
missing to what is measured.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from benchmarks.figures import BenchmarkError

_CENT: Final = 100
_LEAST: Final = 2


@dataclass(frozen=True)
class Load:
    """What `clients` got in `seconds`; `latencies` are in milliseconds, one a request, sorted."""

    clients: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many of a hundred requests were answered."""
        return statistics.quantiles(self.latencies, n=_CENT)[percent - 1]


def request(url: str, path: str, key: str | None, body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    authorization = f"authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {urlsplit(url).netloc}\r\n{authorization}"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(url: str, sent: bytes, *, status: int, clients: int, seconds: float) -> Load:
    """Put load on `url`. Raises BenchmarkError where an answer has another status."""
    return asyncio.run(_run(url, sent, status, clients, seconds))


async def _run(url: str, sent: bytes, status: int, clients: int, seconds: float) -> Load:
    begin = time.perf_counter()
    asked = [_client(url, sent, status, begin + seconds) for _ in range(clients)]
    latencies = sorted(latency for client in await asyncio.gather(*asked) for latency in client)
    if len(latencies) < _LEAST:
        raise BenchmarkError(f"{url} answered {len(latencies)} requests in {seconds:g} s; measure for longer")
    return Load(clients, time.perf_counter() - begin, tuple(latencies))


async def _client(url: str, sent: bytes, status: int, end: float) -> list[float]:
    """Milliseconds of each request; a connection that the other side closes is opened anew."""
    latencies: list[float] = []
    while time.perf_counter() < end:
        reader, writer = await connect(url)
        try:
            closes = False
            while not closes and (begin := time.perf_counter()) < end:
                writer.write(sent)
                closes = await _answer(url, reader, status)
                latencies.append((time.perf_counter() - begin) * 1000)
        finally:
            writer.close()
    return latencies


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server of `url`."""
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _answer(url: str, reader: asyncio.StreamReader, status: int) -> bool:
    """Read one answer; whether the server closes the connection after it."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lines = head.split(b"\r\n")
    if int(lines[0].split()[1]) != status:
        raise BenchmarkError(f"{url} answered {lines[0].decode()} instead of {status}")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    await reader.readexactly(int(headers[b"content-length"]))
    return headers.get(b"connection") == b"close"
