"""What a deployment tells while it goes on: status, steps, lines of its build log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from localcloud.railway.runner.errors import StepError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import Deployment, Event, Log, Status

if TYPE_CHECKING:
    from localcloud.railway.state.world import World


class Journal:
    """The visible side of one deployment."""

    def __init__(self, world: World, deployment: Deployment) -> None:
        self._world = world
        self._deployment = deployment

    def enter(self, status: Status) -> None:
        """Go over to a status."""
        with self._world.lock:
            self._deployment.status = status
            self._deployment.status_updated_at = now()

    def instance(self, status: str, port: int | None = None) -> None:
        """Note what became of the process and where it listens."""
        with self._world.lock:
            self._deployment.instance_status = status
            self._deployment.port = port

    def say(self, line: str, severity: str = "info") -> None:
        """Add a line to the build log."""
        self._deployment.build_logs.append(Log(line, severity))

    @contextmanager
    def step(self, name: str, **payload: Any) -> Iterator[Event]:
        """A step from here to the end of the block; a `StepError` becomes its error and goes on."""
        event = Event(name, payload=payload)
        self._deployment.events.append(event)
        began = time.monotonic()
        try:
            yield event
        except StepError as error:
            event.payload = {**event.payload, "error": str(error)}
            self.say(str(error), "error")
            raise
        finally:
            event.payload = {**event.payload, "durationMs": round(1000 * (time.monotonic() - began))}
            event.completed_at = now()
