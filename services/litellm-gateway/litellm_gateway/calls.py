"""The requests that cost money, from the key to the settled cost."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers

from litellm_gateway import answers, body
from litellm_gateway.errors import RequestError
from litellm_gateway.headers import for_litellm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.clients import Client, Keys
    from litellm_gateway.config import Limits
    from litellm_gateway.endpoints import Endpoint
    from litellm_gateway.journal import Journal
    from litellm_gateway.models import Model
    from litellm_gateway.record import Record

_RETRY: Final = {"retry-after": "1", "connection": "close"}
_PROVIDERS: Final = {"upstream_error", "rate_limit_error"}
"""Kinds of errors that tell of providers, all of which failed."""

_STOPPING: Final = "This deployment of the gateway is stopping. Send the request again."
_OVERLOADED: Final = "The gateway answers as many requests as it can. Send the request again in a moment."


class Calls:
    """Checks, reserves, hands to LiteLLM, settles. At most `limits.requests` at a time, none once `stop` was called.

    `keys` are those that may ask; LiteLLM itself knows one, `key`. `aliases` maps other names to models.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        served: Callable[[], tuple[Model, ...]],
        key: str,
        keys: Keys,
        aliases: Mapping[str, str],
        limits: Limits,
        meter: Meter,
        journal: Journal,
    ) -> None:
        self._inner = inner
        self._served = served
        self._key = key
        self._keys = keys
        self._aliases = aliases
        self._limits = limits
        self._meter = meter
        self._journal = journal
        self._running = 0
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing from now on; what runs goes on."""
        self._stopping = True

    async def serve(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `RequestError` for what is refused before LiteLLM gets to see it."""
        headers = Headers(scope=scope)
        client = self._keys.authenticate(endpoint.key(headers))
        record: Record = scope["record"]
        record.client = client.name
        with self._slot():
            received = await body.read(headers, receive, limit=self._limits.body_bytes)
            names = self._names(client)
            prepared = endpoint.prepare(received, models=names, max_tokens=self._limits.answer_tokens)
            record.model = prepared.model
            self._meter.open(record.id, prepared.model, prepared.size, client.account)
            await self._forward(record, prepared.body, endpoint)(scope, receive, send)

    def _names(self, client: Client) -> dict[str, Model]:
        """What a client may ask for: models, and other names for them."""
        models = {model.name: model for model in self._served() if client.allows(model.name)}
        return models | {name: models[model] for name, model in self._aliases.items() if model in models}

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if self._stopping:
            raise RequestError(503, "stopping", _STOPPING, kind="api_error", headers=_RETRY)
        if self._running >= self._limits.requests:
            raise RequestError(503, "overloaded", _OVERLOADED, kind="api_error", headers=_RETRY)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _forward(self, record: Record, prepared: bytes, endpoint: Endpoint) -> ASGIApp:
        """LiteLLM's own application, given `prepared` instead of what the client sent, and no query string."""

        async def forwarded(scope: Scope, receive: Receive, send: Send) -> None:
            async def refuse(error: RequestError) -> None:
                own = self._meter.refusal(record.id) or error
                if own.kind in _PROVIDERS and len(record.failures) > 1:
                    own.add(f"Asked in vain: {', '.join(model for model, _ in record.failures)}.")
                record.code = own.code
                await endpoint.refusal(own)(scope, receive, send)

            headers = for_litellm(scope["headers"], key=self._key, call_id=record.id, length=len(prepared))
            inner_scope = {**scope, "headers": headers, "query_string": b""}
            answer = answers.Answer(send, refuse, endpoint.event)
            try:
                await self._inner(inner_scope, body.replay(prepared, receive), answer)
            finally:
                self._journal.settling(record)
                self._meter.finish(record.id, record.status, lambda spent: self._journal.close(record, spent))

        return forwarded
