"""What the parts of one phase (preview, update, refresh or destroy) share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from localcloud.engine.errors import CheckError, EngineError, StoppedError
from localcloud.engine.project import Project, StackConfig
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.steps import Listener, Message, Severity, Step

STOPPED = "Nothing more is started: an earlier step failed or the run was interrupted."


@dataclass
class Context:
    """One phase of a run. Its methods may be called from any thread."""

    project: Project
    stack: str
    config: StackConfig
    preview: bool
    snapshot: Snapshot
    listener: Listener
    replaced: set[str] = field(default_factory=set)
    """URNs that are replaced in this phase."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _in_flight: list[Step] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stop(self) -> None:
        """Let nothing new start; what is in flight ends."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether something failed or the run was interrupted."""
        return self._stop.is_set()

    def in_flight(self) -> list[Step]:
        """The steps under way."""
        with self._lock:
            return list(self._in_flight)

    def guard(self) -> None:
        """Raise `StoppedError` once nothing new may start."""
        if self.stopped:
            raise StoppedError(STOPPED)

    def fail(self, urn: str, error: EngineError) -> None:
        """Report an error once and let nothing new start."""
        self.stop()
        for reason in _reasons(error):
            self.listener.message(Message(Severity.ERROR, reason, urn))

    def warn(self, text: str, urn: str = "") -> None:
        """Say something that does not fail the run."""
        self.listener.message(Message(Severity.WARNING, text, urn))

    @contextmanager
    def reported(self, urn: str) -> Iterator[None]:
        """Errors inside are reported as failures of `urn` and become `StoppedError`."""
        try:
            yield
        except StoppedError:
            raise
        except EngineError as error:
            self.fail(urn, error)
            raise StoppedError(STOPPED) from error

    @contextmanager
    def step(self, step: Step) -> Iterator[StepResult]:
        """Announce a step and its end; the body sets `result.step` to what came out."""
        self.guard()
        result = StepResult(step)
        with self._lock:
            self._in_flight.append(step)
        self.listener.begun(step)
        failed = True
        try:
            yield result
            failed = False
        finally:
            with self._lock:
                self._in_flight.remove(step)
            self.listener.ended(result.step, failed=failed)


@dataclass
class StepResult:
    """The step as it ended."""

    step: Step


def _reasons(error: EngineError) -> list[str]:
    if isinstance(error, CheckError):
        return [f"{failure.property}: {failure.reason}".removeprefix(": ") for failure in error.failures]
    return [str(error)]
