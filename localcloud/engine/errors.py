"""The errors a user of the engine can meet. Their messages are shown as they are, without a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class EngineError(Exception):
    """The run cannot start or go on; the message says what, where and how to mend it."""


class StoppedError(EngineError):
    """Nothing new is started because something failed before or the user pressed Ctrl-C."""


class ProviderError(EngineError):
    """A plugin refused or failed a call. `code` is the name of the gRPC status, e.g. `NOT_FOUND`."""

    def __init__(self, message: str, code: str = "UNKNOWN") -> None:
        super().__init__(message)
        self.code = code


class PluginGoneError(ProviderError):
    """The plugin died over a call, so that nobody knows how far it came."""


@dataclass(frozen=True)
class CheckFailure:
    """What a provider has against one input; `property` is empty where it is about the whole resource."""

    property: str
    reason: str


class CheckError(EngineError):
    """The inputs of a resource were refused before anything was done."""

    def __init__(self, urn: str, failures: Iterable[CheckFailure]) -> None:
        self.failures = tuple(failures)
        lines = [f"{failure.property}: {failure.reason}".removeprefix(": ") for failure in self.failures]
        super().__init__(f"{urn}: " + "; ".join(lines))
