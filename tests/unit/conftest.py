"""Fixtures for tests of what uses Pulumi's SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pulumi.runtime.stack import wait_for_rpcs


@pytest.fixture
def sdk_loops() -> Iterator[None]:
    """The SDK's mocks want an event loop in every thread they run on, and leave it open: here each test has its own."""
    loops: list[asyncio.AbstractEventLoop] = []

    def open_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    open_loop()
    with ThreadPoolExecutor(initializer=open_loop) as threads:
        loops[0].set_default_executor(threads)
        yield
        loops[0].run_until_complete(wait_for_rpcs())
    for loop in loops:
        loop.close()
    asyncio.set_event_loop(None)
