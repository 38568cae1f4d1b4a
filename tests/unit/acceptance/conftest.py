"""A gateway played by a function, with time that is a number."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from gateway.acceptance.client import Gateway
from gateway.acceptance.settings import Limits

Handler = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> Limits:
    return Limits(settle=60.0, answer=60.0, latency=10.0, deadline=100.0)


@pytest.fixture
def gateway(clock: Clock, limits: Limits) -> Callable[[Handler], Gateway]:
    def make(handler: Handler) -> Gateway:
        return Gateway("https://gateway.example", "sk-1", limits, transport=httpx.MockTransport(handler), clock=clock)

    return make
