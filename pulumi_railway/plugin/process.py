"""The life of the plugin's process: listen, announce the port, serve, and leave cleanly, the engine alive or not."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Final

import grpc

from pulumi_railway.handlers import HANDLERS
from pulumi_railway.plugin import settings
from pulumi_railway.plugin.protocol import provider_pb2_grpc
from pulumi_railway.plugin.servicer import RailwayProvider

if TYPE_CHECKING:
    from types import FrameType

THREADS: Final = 64
"""Calls at a time. A deployment holds one for minutes, and Cancel must always find another."""

OPTIONS: Final = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.server_max_unrequested_time_in_server", 30 * 60),
    ("grpc.so_reuseport", 0),
)
"""Sizes in bytes and times in seconds as the Pulumi SDK has them."""

GRACE: Final = 4.0
"""Seconds for calls under way to end with what they have; the engine kills a plugin after 5."""

PARENT_INTERVAL: Final = 1.0
"""Seconds between two looks for the parent process: an engine that was killed cannot say goodbye."""


def engine_address(arguments: Sequence[str]) -> str:
    """The engine's host:port from the command line, where it comes last, after flags that are of no use here."""
    return arguments[-1] if arguments and ":" in arguments[-1] and not arguments[-1].startswith("-") else ""


def serve(arguments: Sequence[str]) -> None:
    """Serve until SIGINT, SIGTERM or the end of the parent process."""
    parent, stop = os.getppid(), threading.Event()
    _on_signals(stop)
    provider = RailwayProvider(HANDLERS, settings.read_environment(), engine_address(arguments))
    server, port = listen(provider)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.wait(PARENT_INTERVAL) and os.getppid() == parent:
        pass
    provider.cancel()
    server.stop(GRACE).wait()
    provider.close()


def listen(provider: RailwayProvider) -> tuple[grpc.Server, int]:
    """A server for `provider` on a free port of the loopback interface; it is not started yet."""
    pool = futures.ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="call")
    server = grpc.server(pool, options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    return server, server.add_insecure_port("127.0.0.1:0")


def _on_signals(stop: threading.Event) -> None:
    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
