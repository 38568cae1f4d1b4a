"""Several processes that serve one port, since one Python process uses one core.

LiteLLM is imported once and the workers are forked from there: they share its memory and start in a moment. Each counts
in the same ledger. A worker that dies is replaced; workers that keep dying, or cannot start, end all of it.

Each has a socket of its own on the port, and the kernel spreads connections over them: from one socket, the first
worker to wake up takes all that wait and leaves the others idle. What comes while a worker is replaced waits for it.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

from litellm_gateway.errors import StartError
from litellm_gateway.server import Server
from litellm_gateway.settings import SETTLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.context import ForkProcess
    from types import FrameType

    from litellm_gateway.application import Gateway
    from litellm_gateway.settings import Settings

log: Final = logging.getLogger("gateway.start")

_DEATHS: Final = 5
_DEATHS_SECONDS: Final = 60.0
"""So many deaths within so many seconds are too many to go on."""

_POLL_SECONDS: Final = 0.5
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_FORK: Final = multiprocessing.get_context("fork")


def bind(loaded: Settings) -> list[socket.socket]:
    """A socket on the port for each worker, which will listen there. Raises `StartError` where the port is not free."""
    alone = _bound(loaded)
    if loaded.workers == 1:
        return [alone]
    alone.close()  # the port was free, which sockets that share it do not tell
    return [_bound(loaded, shared=True) for _ in range(loaded.workers)]


def _bound(loaded: Settings, *, shared: bool = False) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in loaded.host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((loaded.host, loaded.port))
    except OSError as error:
        bound.close()
        raise StartError([f"{loaded.host}:{loaded.port} cannot be listened on: {error.strerror}"]) from error
    return bound


def serve(make: Callable[[], Gateway], loaded: Settings, ports: Sequence[socket.socket]) -> int:
    """Serve until a signal, in a process for each of `ports`. Returns the exit status.

    `make` is called in each process that serves. Raises `StartError`.
    """
    if len(ports) == 1:
        server = Server(make(), loaded)
        server.run([*ports])
        return 0 if server.started else 1
    return _Workers(make, loaded, ports).run()


class _Worker(Server):
    """Ends with the process that started it, and does what that one says: Ctrl-C reaches all of them."""

    def __init__(self, gateway: Gateway, loaded: Settings, parent: int) -> None:
        super().__init__(gateway, loaded)
        self._parent = parent

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: SIGTERM begins the draining."""
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; returns True when the port is to be closed."""
        if os.getppid() != self._parent:
            self.handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)


class _Workers:
    """The process that starts workers, replaces them and ends them."""

    def __init__(self, make: Callable[[], Gateway], loaded: Settings, ports: Sequence[socket.socket]) -> None:
        self._make = make
        self._loaded = loaded
        self._ports = ports
        self._process = os.getpid()
        self._running: dict[int, ForkProcess] = {}
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._deadline: float | None = None
        self._failed = False

    def run(self) -> int:
        gc.collect()
        gc.freeze()  # what is shared stays shared: the collector writes into what it looks at
        for name in _SIGNALS:
            signal.signal(name, self._handle_signal)
        for number in range(1, len(self._ports) + 1):
            self._start(number)
        while self._running:
            wait([worker.sentinel for worker in self._running.values()], _POLL_SECONDS)
            self._look()
        return 1 if self._failed else 0

    def _start(self, number: int) -> None:
        """Fork a worker, unless the end has begun. Signals wait until both processes know what to do with them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        if self._deadline is None:
            self._running[number] = _FORK.Process(target=self._work, args=(number,))
            self._running[number].start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _work(self, number: int) -> None:
        """The life of one worker. Sockets of the others would listen for as long as it holds them."""
        port = self._ports[number - 1]
        for other in self._ports:
            if other is not port:
                other.close()
        for name in _SIGNALS:
            signal.signal(name, lambda *_: sys.exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        try:
            server = _Worker(self._make(), self._loaded, self._process)
        except StartError as refused:
            log.critical("Refused to start: %s", refused)
            sys.exit(1)
        server.run([port])
        sys.exit(0 if server.started else 1)

    def _look(self) -> None:
        """Replace the dead; once the draining time is over, kill who still lives."""
        for number, worker in list(self._running.items()):
            if worker.exitcode is None:
                continue
            del self._running[number]
            if self._deadline is None:
                self._mourn(number, worker.exitcode)
            self._start(number)
        if self._deadline is not None and time.monotonic() > self._deadline:
            self._each(signal.SIGKILL)

    def _mourn(self, number: int, status: int) -> None:
        """A worker that ended by itself. One that could not start has said why; the others would say the same."""
        how = f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"
        log.error("Worker %d ended %s", number, how)
        self._deaths.append(time.monotonic())
        too_many = len(self._deaths) == _DEATHS and self._deaths[-1] - self._deaths[0] < _DEATHS_SECONDS
        if status == 1 or too_many:
            self._failed = True
            self._stop()

    def _handle_signal(self, name: int, _: FrameType | None) -> None:
        if self._deadline is not None and name == signal.SIGINT:
            self._each(signal.SIGKILL)
        elif self._deadline is None:
            self._stop()

    def _stop(self) -> None:
        for port in self._ports:
            port.close()
        self._deadline = time.monotonic() + self._loaded.draining + SETTLE_SECONDS + 1
        self._each(signal.SIGTERM)

    def _each(self, name: signal.Signals) -> None:
        for worker in self._running.values():
            if worker.pid and worker.exitcode is None:
                os.kill(worker.pid, name)
