"""Errors on their way to the SDK, which understands gRPC errors only."""

from __future__ import annotations

import grpc

from localcloud.engine.errors import EngineError, StoppedError


class MonitorError(grpc.RpcError):
    """An engine error as the SDK wants it: `UNAVAILABLE` ends the program, others carry their text."""

    def __init__(self, error: EngineError) -> None:
        super().__init__(str(error))
        self._error = error

    def code(self) -> grpc.StatusCode:
        """The status the SDK acts on."""
        return grpc.StatusCode.UNAVAILABLE if isinstance(self._error, StoppedError) else grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """The text of the error."""
        return str(self._error)
