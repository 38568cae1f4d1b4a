"""Messages to the user through the engine's log; what a plugin writes to its own output stays hidden."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

import grpc

from pulumi_railway.plugin.protocol import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from pulumi_railway.handlers.base import Severity
    from pulumi_railway.redaction import Redactor

_SEVERITIES: Final = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}
_TIMEOUT: Final = 5.0
"""Seconds: an engine that does not take a message must not hold up the work."""

_OPTIONS: Final = (("grpc.enable_http_proxy", 0),)
"""The engine is on this machine, whatever proxy the environment names."""

logger = logging.getLogger(__name__)


class EngineLog:
    """The log of the engine at `address` (host:port). Every message is redacted; safe to use from several threads."""

    def __init__(self, address: str, redactor: Redactor) -> None:
        self._redactor = redactor
        self._lock = threading.Lock()
        self._address = address
        self._channel: grpc.Channel | None = None

    def connect(self, address: str) -> None:
        """Send to another engine from now on; an empty address changes nothing."""
        if address:
            self.close()
            self._address = address

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._channel is not None:
                self._channel.close()
            self._channel = None

    def log(self, severity: Severity, message: str, urn: str = "") -> None:
        """Show `message` with the resource `urn`, or with the stack. Never fails."""
        text = self._redactor(message)
        request = engine_pb2.LogRequest(severity=_SEVERITIES[severity], message=text, urn=urn)
        channel = self._connected()
        if channel is None:
            logger.info("%s", text)
            return
        try:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_TIMEOUT)
        except grpc.RpcError as error:
            logger.warning("The engine took no message (%s): %s", error.code(), text)

    def _connected(self) -> grpc.Channel | None:
        with self._lock:
            if self._channel is None and self._address:
                self._channel = grpc.insecure_channel(self._address, options=_OPTIONS)
            return self._channel
