"""The HTTP server: uvicorn's, but for its end, which clients should hardly notice.

The first SIGTERM or SIGINT tells the application, which refuses new work and says so at its health path; the port stays
open meanwhile. Once nothing runs any more, or the draining time is over, the port closes and the process ends with
status 0. Ctrl-C twice ends it at once.
"""

from __future__ import annotations

import logging
import math
import signal
import time
from typing import TYPE_CHECKING, Final

import uvicorn

from litellm_gateway.connections import telling

if TYPE_CHECKING:
    from types import FrameType

    from litellm_gateway.application import Gateway
    from litellm_gateway.settings import Settings

log: Final = logging.getLogger("gateway.start")


class Server(uvicorn.Server):
    """Serves one gateway in one process; `draining` is how many seconds running requests may go on after a signal."""

    def __init__(self, gateway: Gateway, loaded: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                gateway,
                host=loaded.host,
                port=loaded.port,
                lifespan="on",
                http=telling(gateway.refused),
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._gateway = gateway
        self._draining = loaded.draining
        self._deadline: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: the first one after the start begins the draining, a second Ctrl-C ends it."""
        if not self.started or (self._deadline is not None and sig == signal.SIGINT):
            super().handle_exit(sig, frame)
        elif self._deadline is None:
            self._captured_signals.append(sig)
            self._deadline = time.monotonic() + self._draining

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; returns True when the port is to be closed."""
        if self._deadline is None or self.should_exit:
            return await super().on_tick(counter)
        if not self._gateway.stopping:
            log.info("Stopping: %d requests run, for %d more seconds at most", self._running, self._draining)
            self._gateway.stop()
            return False
        if self._running and time.monotonic() < self._deadline:
            return await super().on_tick(counter)
        # What is answered may still be on its way to a slow reader.
        self.config.timeout_graceful_shutdown = max(1, math.ceil(self._deadline - time.monotonic()))
        return True

    @property
    def _running(self) -> int:
        return len(self.server_state.tasks)
