"""Calls that wait until they are released, and calls that are merely noted."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field


class Holds:
    """The calls that were noted, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: list[_Call] = []

    async def note(self, service: str, operation: str, *, wait: bool) -> None:
        """Note a call; with `wait` return only when it is released."""
        call = _Call(service, operation, wait)
        with self._lock:
            self._noted.append(call)
        if wait:
            await call.wait()

    def list(self) -> list[dict[str, str | bool]]:
        """Service and operation of each call, and whether it still waits."""
        with self._lock:
            return [{"service": call.service, "operation": call.operation, "waits": call.waits} for call in self._noted]

    def release(self) -> None:
        """Let every call that waits go on."""
        with self._lock:
            for call in self._noted:
                call.release()

    def clear(self) -> None:
        """Let every call go on, and forget all."""
        self.release()
        with self._lock:
            self._noted.clear()


@dataclass(eq=False)
class _Call:
    service: str
    operation: str
    waits: bool
    released: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def wait(self) -> None:
        try:
            await self.released.wait()
        finally:
            self.waits = False

    def release(self) -> None:
        if self.waits:
            self.loop.call_soon_threadsafe(self.released.set)
