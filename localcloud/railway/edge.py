"""Railway's edge: a TLS listener for each service domain, passing requests on to the deployment that serves."""

from __future__ import annotations

import re
import socket
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from localcloud.core.server import LOOPBACK, ThreadedServer, close_connection
from localcloud.railway.errors import RailwayError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from localcloud.railway.state.world import World
    from localcloud.railway.tls import LocalAuthority

EDGE = "railway/local"
_ADDRESS = re.compile(rf"{re.escape(LOOPBACK)}:([1-9]\d{{3,4}})")
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain HTTP only: load no authorities
_HIGHEST_PORT = 65535
_CLOSES_WITHIN = 2.0
_PER_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer", b"upgrade"}
)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Unreachable:
    """Why no deployment gets a request: 404 where none serves, 502 where it does not answer."""

    status: HTTPStatus
    message: str


NOT_FOUND = Unreachable(HTTPStatus.NOT_FOUND, "Application not found")
NO_ANSWER = Unreachable(HTTPStatus.BAD_GATEWAY, "Application failed to respond")


class LocalEdge:
    """The listeners, by domain id. A domain's name is the address of its listener, "127.0.0.1:PORT"."""

    def __init__(self, world: World, authority: LocalAuthority) -> None:
        self._world = world
        self._authority = authority
        self._servers: dict[str, ThreadedServer] = {}
        self._stopping: list[ThreadedServer] = []

    def open(self, domain_id: str, address: str | None = None) -> str:
        """Listen for a domain and return its name. Raises `RailwayError` where `address` cannot be had."""
        if address is not None and (problem := self.is_free(address)):
            raise RailwayError(problem)
        port = int(address.rpartition(":")[2]) if address else 0
        app = proxy(lambda: route(self._world, domain_id))
        server = ThreadedServer(app, ssl=self._authority.server_context(), port=port)
        self.close(domain_id)
        self._servers[domain_id] = server
        return f"{LOOPBACK}:{server.port}"

    def close(self, domain_id: str) -> None:
        """Listen no more, without waiting for the end."""
        if server := self._servers.pop(domain_id, None):
            server.request_stop()
            self._stopping.append(server)

    def is_free(self, address: str) -> str | None:
        """None where a listener could have `address`, else why not."""
        match = _ADDRESS.fullmatch(address)
        if match is None or int(match[1]) > _HIGHEST_PORT:
            return f"Domain {address} is not available: this edge serves names of the form {LOOPBACK}:PORT only"
        self._wait_for_end(int(match[1]))
        try:
            with socket.create_server((LOOPBACK, int(match[1]))):
                return None
        except OSError:
            return f"Domain {address} is not available: its port is taken"

    def _wait_for_end(self, port: int) -> None:
        """Let a listener that was closed a moment ago give its port back; a domain that was deleted is free at once."""
        for server in self._stopping:
            if server.port == port:
                server.has_ended(within=_CLOSES_WITHIN)

    def stop(self) -> None:
        """Close every listener and wait until all are gone."""
        for domain_id in list(self._servers):
            self.close(domain_id)
        for server in self._stopping:
            server.stop()
        self._stopping.clear()


def route(world: World, domain_id: str) -> int | Unreachable:
    """The port of the process that serves a domain now, or why there is none."""
    with world.lock:
        domain = world.domains.get(domain_id)
        instance = world.instance(domain.service_id, domain.environment_id) if domain else None
        if domain is None or instance is None or instance.serving is None:
            return NOT_FOUND
        if time.monotonic() < max(domain.ready_at, instance.routed_at):
            return NOT_FOUND
        serving = world.deployments[instance.serving]
        switching = time.monotonic() < instance.switched_at + world.speed.step
        listens_on = serving.captured.environment.get("PORT")
        wrong_port = domain.target_port is not None and listens_on not in {None, str(domain.target_port)}
        return NO_ANSWER if switching or wrong_port or serving.port is None else serving.port


def proxy(target: Callable[[], int | Unreachable]) -> Starlette:
    """An application that passes every request on to the port that `target` names at that moment."""
    limits = httpx.Limits(max_keepalive_connections=0)
    client = httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(None, connect=5), trust_env=False, verify=_NO_TLS)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    async def handle(request: Request) -> Response:
        port = target()
        if isinstance(port, Unreachable):
            return _refusal(port)
        try:
            return _Passed(await client.send(_outgoing(client, request, port), stream=True))
        except httpx.TransportError:
            return _refusal(NO_ANSWER)

    return Starlette(routes=[Route("/{path:path}", handle, methods=_METHODS)], lifespan=lifespan)


class _Passed(StreamingResponse):
    """The answer of a deployment, passed on as it comes; cut off where the deployment cuts it off."""

    def __init__(self, upstream: httpx.Response) -> None:
        super().__init__(upstream.aiter_raw(), upstream.status_code)
        self._upstream = upstream
        kept = [item for item in upstream.headers.raw if item[0].lower() not in _PER_CONNECTION]
        chunked = b"transfer-encoding"
        self.raw_headers = [(name.lower(), value) for name, value in kept if name.lower() != chunked]
        self.raw_headers.append((b"x-railway-edge", EDGE.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except* httpx.TransportError:
            await close_connection(scope, receive)
        finally:
            await self._upstream.aclose()


def _outgoing(client: httpx.AsyncClient, request: Request, port: int) -> httpx.Request:
    headers = [(name, value) for name, value in request.headers.raw if name not in _PER_CONNECTION]
    peer = request.client.host if request.client else LOOPBACK
    added = {"x-forwarded-for": peer, "x-real-ip": peer, "x-forwarded-proto": "https", "x-railway-edge": EDGE}
    headers += [(name.encode(), value.encode()) for name, value in added.items()]
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    url = httpx.URL(scheme="http", host=LOOPBACK, port=port, raw_path=_target(request))
    return client.build_request(request.method, url, headers=headers, content=request.stream() if has_body else None)


def _target(request: Request) -> bytes:
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path


def _refusal(reason: Unreachable) -> JSONResponse:
    request_id = uuid.uuid4().hex
    body = {"status": "error", "code": reason.status, "message": reason.message, "request_id": request_id}
    headers = {"x-railway-edge": EDGE, "x-railway-fallback": "true", "x-railway-request-id": request_id}
    return JSONResponse(body, reason.status, headers)
