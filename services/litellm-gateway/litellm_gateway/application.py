"""The ASGI application: what is answered here, what is refused, and what LiteLLM gets to see."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from litellm_gateway import cors, logs, models, routes
from litellm_gateway.authentication import BASIC, bearer, password
from litellm_gateway.budget.statement import statement
from litellm_gateway.calls import Calls
from litellm_gateway.clients import Keys
from litellm_gateway.connections import WHOLE
from litellm_gateway.endpoints import ENDPOINTS
from litellm_gateway.errors import RequestError
from litellm_gateway.settings import SETTLE_SECONDS
from litellm_gateway.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.clients import Client
    from litellm_gateway.config import Limits
    from litellm_gateway.headers import Identity
    from litellm_gateway.journal import Journal
    from litellm_gateway.metrics.collector import Collector
    from litellm_gateway.models import Model

start_log: Final = logging.getLogger("gateway.start")

_BROKEN: Final = "The gateway itself failed on this request. Its log says at what, under this answer's x-request-id."


class Gateway:
    """Wraps LiteLLM's ASGI application.

    `served` gives the models loaded at that moment (none while LiteLLM is starting); `clients` may ask
    beside whoever has the master key `key`, by the names of models or by `aliases` of them; pages of `cors_origins` may
    call from browsers; `on_started` is called once LiteLLM is ready, before the first request.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        served: Callable[[], tuple[Model, ...]],
        key: str,
        clients: Sequence[Client] = (),
        identity: Identity,
        limits: Limits,
        meter: Meter,
        journal: Journal,
        collector: Collector,
        aliases: Mapping[str, str] | None = None,
        cors_origins: Sequence[str] = (),
        on_started: Callable[[], None],
    ) -> None:
        self._inner = inner
        self._served = served
        self._keys = Keys(key, clients)
        self._identity = identity
        self._meter = meter
        self._journal = journal
        self._collector = collector
        self._views = Views(collector, meter, served, identity)
        self._on_started = on_started
        self._calls = Calls(
            inner,
            served=served,
            key=key,
            keys=self._keys,
            aliases=aliases or {},
            limits=limits,
            meter=meter,
            journal=journal,
        )
        self._entry = cors.allow(ServerErrorMiddleware(self._serve, broken), cors_origins)
        self.stopping = False

    def stop(self) -> None:
        """From now on health is 503, nothing that costs money is begun, and every answer closes its connection."""
        self.stopping = True
        self._calls.stop()

    def refused(self, error: RequestError) -> None:
        """Tell of what was refused before it was a request: method and path are not known."""
        record = self._journal.begin({"method": "-", "path": "-"})
        record.status, record.code, record.finished = error.status, error.code, True
        self._journal.answered(record)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any ASGI type; websockets are closed, since nothing here speaks them."""
        if scope["type"] == "lifespan":
            await self._inner(scope, self._watch_end(receive), self._watch_start(send))
        elif scope["type"] == "http":
            await self._record(scope, receive, self._stamp(scope, send))
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "no websockets here"})

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and tell of it in one line; what costs money is told of when its cost is settled."""
        record = self._journal.begin(scope)
        try:
            await self._entry(scope, receive, record.watch(send))
        finally:
            self._journal.answered(record)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = ENDPOINTS.get(scope["path"])
        try:
            routes.check(scope["method"], scope["path"])
            if endpoint:
                await self._calls.serve(endpoint, scope, receive, send)
            else:
                await self._free(scope)(scope, receive, send)
        except RequestError as refused:
            scope["record"].code = refused.code
            await _told(refused, scope["path"])(scope, receive, send)
        except ClientDisconnect:
            return

    def _free(self, scope: Scope) -> Response:
        """The answer to what costs nothing."""
        if scope["path"] == routes.HEALTH:
            status, content = models.health(self._served(), stopping=self.stopping)
            return JSONResponse(content, status_code=status)
        headers = Headers(scope=scope)
        presented = bearer(headers)
        if scope["path"] == routes.MODELS:
            return JSONResponse(models.listing(self._listed(self._keys.find(presented))))
        if scope["path"] == routes.STATUS:
            scope["record"].client = self._keys.authenticate_master(password(headers) or presented, BASIC).name
            return self._views.status()
        if scope["path"] == routes.METRICS:
            scope["record"].client = self._keys.authenticate_master(presented).name
            return self._views.metrics()
        client = self._keys.authenticate(presented)
        scope["record"].client = client.name
        only = None if client.is_master else (client.account,)
        return JSONResponse(statement(*self._meter.balances(), self._meter.limits, only))

    def _listed(self, client: Client | None) -> list[Model]:
        """The models that a client may ask for; all of them for whoever shows no key."""
        return [model for model in self._served() if client is None or client.allows(model.name)]

    def _stamp(self, scope: Scope, send: Send) -> Send:
        """A `send` for one request; an answer that does not wait for the body closes the connection it comes on."""
        return self._identity.stamp(send, lambda: self.stopping or not scope.get(WHOLE))

    def _watch_end(self, receive: Receive) -> Receive:
        """A `receive` that settles what was spent before LiteLLM ends; running requests are finished by then."""

        async def watched() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._meter.drain(SETTLE_SECONDS)
                self._journal.close_all()
                self._collector.stop()
            return message

        return watched

    def _watch_start(self, send: Send) -> Send:
        """A `send` that notices the end of LiteLLM's start and reduces its traceback to one line."""

        async def watched(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._meter.start()
                self._collector.start()
                self._on_started()
            if message["type"] == "lifespan.startup.failed":
                reason = message.get("message", "").strip().rpartition("\n")[2]
                start_log.critical("LiteLLM did not start: %s", reason or "it gave no reason")
                message = {"type": "lifespan.startup.failed"}
            await send(message)

        return watched


async def broken(request: Request, error: Exception) -> Response:
    """What a client gets for an error that nobody expected, and what the log tells of it; the server logs it too."""
    refused = RequestError(500, "internal_error", _BROKEN, kind="api_error")
    record = request.scope["record"]
    record.code, record.error = record.code or refused.code, logs.describe(error, text=False)
    return _told(refused, request.scope["path"])


def _told(refused: RequestError, path: str) -> Response:
    """A refusal in the shape that clients of the path read."""
    endpoint = ENDPOINTS.get(path)
    return endpoint.refusal(refused) if endpoint else refused.response()
