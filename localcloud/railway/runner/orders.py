"""Orders to the thread of a deployment."""

from __future__ import annotations

import queue
import threading
from typing import Literal

from localcloud.railway.runner.errors import HaltedError

Order = Literal["remove", "stop", "restart", "abort"]

_TICK = 0.03


class Orders:
    """Orders in the order they were given. "abort" ends every wait at once, now and later."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._halted = threading.Event()
        self._aborted = threading.Event()
        self._released = threading.Event()

    def give(self, order: Order) -> None:
        """Add an order."""
        if order == "abort":
            self._aborted.set()
        if order != "restart":
            self._halted.set()
        self._queue.put(order)

    def release(self) -> None:
        """Let `hold` end."""
        self._released.set()

    def take(self) -> Order | None:
        """The next order, or None after a short while."""
        try:
            order = self._queue.get(timeout=_TICK)
        except queue.Empty:
            return None
        if self._queue.empty():
            self._halted.clear()
        return order

    def check(self) -> None:
        """Raise `HaltedError` where the deployment is to go no further."""
        if self._halted.is_set() or self._aborted.is_set():
            raise HaltedError

    def pause(self, seconds: float) -> None:
        """Wait; raises `HaltedError` as soon as the deployment is to go no further."""
        self._halted.wait(seconds)
        self.check()

    def hold(self) -> None:
        """Wait until `release`."""
        while not self._released.wait(_TICK):
            self.check()

    def linger(self, seconds: float) -> None:
        """Wait; only an abort cuts it short."""
        self._aborted.wait(seconds)

    @property
    def aborted(self) -> bool:
        """Whether all has to end at once."""
        return self._aborted.is_set()
