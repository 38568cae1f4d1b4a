"""The ASGI application: what is answered here, what is refused, and what LiteLLM gets to see."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from litellm_gateway import answers, body, chat, models, routes
from litellm_gateway.authentication import MASTER, authenticate
from litellm_gateway.budget.statement import statement
from litellm_gateway.errors import RequestError
from litellm_gateway.headers import closing, for_litellm
from litellm_gateway.settings import SETTLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.config import Limits
    from litellm_gateway.headers import Identity
    from litellm_gateway.journal import Journal
    from litellm_gateway.models import Model
    from litellm_gateway.record import Record

start_log: Final = logging.getLogger("gateway.start")

_STOPPING: Final = "This deployment of the gateway is stopping. Send the request again."


class Gateway:
    """Wraps LiteLLM's ASGI application.

    `served` gives the models loaded at that moment (none while LiteLLM is starting); `on_started` is called once
    LiteLLM is ready, before the first request.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        served: Callable[[], tuple[Model, ...]],
        key: str,
        identity: Identity,
        limits: Limits,
        meter: Meter,
        journal: Journal,
        on_started: Callable[[], None],
    ) -> None:
        self._inner = inner
        self._served = served
        self._key = key
        self._identity = identity
        self._limits = limits
        self._meter = meter
        self._journal = journal
        self._on_started = on_started
        self.stopping = False

    def stop(self) -> None:
        """From now on health is 503, nothing that costs money is begun, and every answer closes its connection."""
        self.stopping = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any ASGI type; websockets are closed, since nothing here speaks them."""
        if scope["type"] == "lifespan":
            await self._inner(scope, self._watch_end(receive), self._watch_start(send))
        elif scope["type"] == "http":
            await self._record(scope, receive, self._stamp(send))
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "no websockets here"})

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and tell of it in one line; what costs money is told of when its cost is settled."""
        record = self._journal.begin(scope)
        try:
            await self._serve(scope, receive, record.watch(send))
        finally:
            self._journal.answered(record)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except RequestError as refusal:
            scope["record"].code = refusal.code
            answer = refusal.response()
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        path = scope["path"]
        routes.check(scope["method"], path)
        if path == routes.HEALTH:
            status, content = models.health(self._served(), stopping=self.stopping)
            return JSONResponse(content, status_code=status)
        if path == routes.MODELS:
            return JSONResponse(models.listing(self._served()))
        headers = Headers(scope=scope)
        authenticate(headers, self._key)
        if path == routes.BUDGET:
            return JSONResponse(statement(*self._meter.balances(), self._meter.limits))
        scope["record"].client = MASTER
        return await self._chat(scope["record"], headers, receive)

    async def _chat(self, record: Record, headers: Headers, receive: Receive) -> ASGIApp:
        if self.stopping:
            raise RequestError(503, "stopping", _STOPPING, kind="api_error", headers={"retry-after": "1"})
        received = await body.read(headers, receive, limit=self._limits.body_bytes)
        names = [model.name for model in self._served()]
        prepared = chat.prepare(received, models=names, max_tokens=self._limits.answer_tokens)
        record.model = prepared.model
        self._meter.open(record.id, prepared.model, prepared.size)
        return self._forward(record, prepared.body)

    def _forward(self, record: Record, prepared: bytes) -> ASGIApp:
        """LiteLLM's own application, given `prepared` instead of what the client sent, and no query string."""

        async def forwarded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = for_litellm(scope["headers"], key=self._key, call_id=record.id, length=len(prepared))
            inner_scope = {**scope, "headers": headers, "query_string": b""}
            filtered = answers.for_client(scope, receive, send, lambda: self._meter.refusal(record.id))
            try:
                await self._inner(inner_scope, body.replay(prepared, receive), filtered)
            finally:
                self._journal.settling(record)
                self._meter.finish(record.id, record.status, lambda spent: self._journal.close(record, spent))

        return forwarded

    def _stamp(self, send: Send) -> Send:
        return self._identity.stamp(closing(send, lambda: self.stopping))

    def _watch_end(self, receive: Receive) -> Receive:
        """A `receive` that settles what was spent before LiteLLM ends; running requests are finished by then."""

        async def watched() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._meter.drain(SETTLE_SECONDS)
                self._journal.close_all()
            return message

        return watched

    def _watch_start(self, send: Send) -> Send:
        """A `send` that notices the end of LiteLLM's start and reduces its traceback to one line."""

        async def watched(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._meter.start()
                self._on_started()
            if message["type"] == "lifespan.startup.failed":
                reason = message.get("message", "").strip().rpartition("\n")[2]
                start_log.critical("LiteLLM did not start: %s", reason or "it gave no reason")
                message = {"type": "lifespan.startup.failed"}
            await send(message)

        return watched
