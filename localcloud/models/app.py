"""The HTTP side of all providers on one port, told apart by the first part of the path."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.core.calls import CallLog
from localcloud.core.seed import ModelsSeed
from localcloud.models import anthropic, gemini, openai
from localcloud.models.behaviour import Behaviour
from localcloud.models.provider import Hit, Provider, fingerprint
from localcloud.models.responses import behaved
from localcloud.models.wire import Json, Wire

SERVICE = "models"
BASE_URLS = {
    "OPENAI_API_BASE": "/openai/v1",
    "ANTHROPIC_API_BASE": "/anthropic",
    "GEMINI_API_BASE": "/gemini/v1beta",
}
WIRES: Mapping[str, Wire] = {"openai": openai, "anthropic": anthropic, "gemini": gemini}

Issued = Callable[[str], Collection[str] | None]


def any_key(_provider: str) -> None:
    """Every key is accepted."""


class ModelProviders:
    """The providers; `app` answers for all of them. `issued` gives the keys a provider accepts, None means any."""

    def __init__(self, seed: ModelsSeed, calls: CallLog, issued: Issued = any_key) -> None:
        self._calls = calls
        self.providers = {
            name: Provider(wire, seed.models[name], partial(issued, name)) for name, wire in WIRES.items()
        }
        routes = [
            Route(f"/{name}{wire.path}", partial(self._answer, name), methods=["POST"]) for name, wire in WIRES.items()
        ]
        self.app = Starlette(routes=routes)

    @staticmethod
    def base_urls(url: str) -> dict[str, str]:
        """What clients of the providers call their base URLs, where all are served under `url`."""
        return {name: f"{url}{path}" for name, path in BASE_URLS.items()}

    def behave(self, provider: str, behaviour: Behaviour) -> None:
        """Let a provider behave like that from now on. Raises `KeyError` for a provider that there is not."""
        self.providers[provider].behave(behaviour)

    def key_used(self, provider: str, key: str) -> bool:
        """Whether the last call to a provider came with that key."""
        hits = self.providers[provider].hits()
        return bool(hits) and hits[-1].key == fingerprint(key)

    def reset(self) -> None:
        """All behave well and have forgotten all calls."""
        for provider in self.providers.values():
            provider.reset()

    def to_json(self) -> Json:
        """Every provider as `GET /models` shows it; keys only as fingerprints."""
        return {name: provider.to_json() for name, provider in self.providers.items()}

    async def _answer(self, name: str, request: Request) -> Response:
        provider = self.providers[name]
        key, body = provider.wire.key(request), _object(await request.body())
        question = provider.wire.question(request, body or {})
        accepted = provider.accepts(key)
        self._calls.record(SERVICE, name, "query", accepted)
        provider.record(Hit(request.url.path, fingerprint(key), question))
        behaviour = provider.next_behaviour()
        if behaviour.kind in {"good", "slow", "cut_off"}:
            refusal = _refusal(provider, request, body, accepted=accepted)
            if refusal:
                return refusal
        return behaved(behaviour, provider.wire, question)


def _refusal(
    provider: Provider, request: Request, body: Mapping[str, Any] | None, *, accepted: bool
) -> Response | None:
    wire = provider.wire
    if not accepted:
        return _error(wire, *wire.key_refused)
    if body is None:
        return _error(wire, 400, "The body is not a JSON object.")
    if flaw := wire.flaw(request, body):
        return _error(wire, 400, flaw)
    if not provider.has(model := wire.question(request, body).model):
        return _error(wire, 404, f"The model {model!r} does not exist or you do not have access to it.")
    return None


def _error(wire: Wire, status: int, message: str) -> Response:
    return JSONResponse(wire.error(status, message), status)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
