"""An HTTP server in a thread: listens before it is returned, is gone after `stop()`, and serves loopback only."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol

from localcloud.core.errors import LocalCloudError

if TYPE_CHECKING:
    from ssl import SSLContext

    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0
_TRANSPORT = "localcloud.transport"

logger = logging.getLogger(__name__)


class ServerError(LocalCloudError):
    """The server did not start."""


class ThreadedServer:
    """`app` served from a thread of its own on 127.0.0.1; constructing it starts it.

    `ssl` makes it serve TLS with that context. `port` 0 takes a free port. `grace` is how many seconds `stop()` lets
    requests finish that are under way; after that they are cut off.
    """

    def __init__(self, app: ASGIApp, *, ssl: SSLContext | None = None, port: int = 0, grace: int = 1) -> None:
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if ssl else 'http'}://{LOOPBACK}:{self.port}"
        self._server = _Server(_config(app, ssl, grace))
        self._thread = threading.Thread(target=self._serve, name=f"server-{self.port}", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(_START_SECONDS) or not self._server.started:
            self.stop()
            raise ServerError(f"no server on {self.url}: its application did not start")

    def request_stop(self) -> None:
        """Begin to stop without waiting, so that several servers can stop at the same time."""
        self._server.should_exit = True

    def has_ended(self, within: float) -> bool:
        """Whether it is gone, port and all, after at most so many seconds."""
        self._thread.join(within)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Close the port and wait until the thread has ended. May be called again."""
        self.request_stop()
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self) -> None:
        try:
            with suppress(SystemExit):  # how uvicorn says that the application did not start; `started` tells
                self._server.run(sockets=[self._socket])
        finally:
            self._server.ready.set()


class _Server(uvicorn.Server):
    """Tells by `ready` that it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _Protocol(H11Protocol):
    """Gives applications the connection, so that `close_connection` can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the base class
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named, which socket.create_server leaves open.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise ServerError(f"port {port} of {LOOPBACK} cannot be used: {error.strerror}") from error
    return listener


def _config(app: ASGIApp, ssl: SSLContext | None, grace: int) -> uvicorn.Config:
    return uvicorn.Config(
        _logged(app),
        http=_Protocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level=logging.CRITICAL,  # errors of applications are logged by `_logged`; cut requests are no errors
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=grace,
        ssl_context_factory=(lambda _config, _default: ssl) if ssl else None,
    )


def _logged(app: ASGIApp) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ClientDisconnect:
            return  # a run that was killed while it asked
        except Exception:
            logger.exception("%s %s failed", scope.get("method", scope["type"]), scope.get("path", ""))
            raise

    return call


async def close_connection(scope: Scope, receive: Receive, *, reset: bool = False) -> None:
    """Close the connection of a request: what was sent still arrives, but the answer is never completed.

    With `reset` the peer gets a TCP reset instead of an orderly end.
    """
    transport: asyncio.Transport = scope["state"][_TRANSPORT]
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
