"""The `Engine` service for plugins: their messages reach the user while a step runs."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from localcloud.engine.steps import Message, Severity

THREADS = 4


class Sink(Protocol):
    """Where messages go."""

    def message(self, message: Message) -> None:
        """Take one."""


def reserve_port() -> tuple[socket.socket, int]:
    """A port of the loopback address, kept for `EngineService` by a socket that does not listen.

    Plugins get the address before the server is up: they start while the program is still being imported.
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved, int(reserved.getsockname()[1])


class EngineService:
    """Serves `Engine.Log` on a reserved port until `stop`."""

    def __init__(self, port: int, sink: Sink) -> None:
        import grpc  # noqa: PLC0415 - plugins are started before it is imported
        from pulumi.runtime.proto import engine_pb2_grpc  # noqa: PLC0415

        self._server = grpc.server(ThreadPoolExecutor(THREADS))
        engine_pb2_grpc.add_EngineServicer_to_server(_servicer(sink), self._server)
        self._server.add_insecure_port(f"127.0.0.1:{port}")
        self._server.start()

    def stop(self) -> None:
        """End the service at once."""
        self._server.stop(0).wait()


def _servicer(sink: Sink) -> Any:
    from google.protobuf import empty_pb2  # noqa: PLC0415 - see EngineService
    from pulumi.runtime.proto import engine_pb2_grpc  # noqa: PLC0415

    class Servicer(engine_pb2_grpc.EngineServicer):
        def Log(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - the protocol's name
            sink.message(Message(Severity(request.severity), request.message, request.urn, request.ephemeral))
            return empty_pb2.Empty()

    return Servicer()
