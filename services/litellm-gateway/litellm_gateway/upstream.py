"""Everything that touches LiteLLM. It is imported here and nowhere else, since that takes seconds."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from litellm_gateway import models
from litellm_gateway.endpoints import ENDPOINTS
from litellm_gateway.hooks import Hooks

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.journal import Journal
    from litellm_gateway.prices import PriceMap

LOGGERS: Final = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
"""LiteLLM's loggers, which bring handlers of their own."""

_TRIED_AT_EACH_CALL: Final = ("litellm.integrations.otel.logger", "prisma.errors")
"""What LiteLLM tries to import while it answers, in vain every time where what it needs is not installed."""

_WAITED_FOR_AT_THE_FIRST_CALL: Final = ("openai.resources.chat",)
"""What LiteLLM would import while it answers the first call of each worker, for a third of a second."""


class LiteLLM:
    """LiteLLM, imported. The environment has to be prepared before (`settings.prepare_litellm`)."""

    def __init__(self) -> None:
        with _without_collector(), _without_routes():
            self._package = _imported("litellm")
            self._proxy = _imported("litellm.proxy.proxy_server")
            for name in _WAITED_FOR_AT_THE_FIRST_CALL:
                _imported(name)
        self._loaded: object = None
        self._served: tuple[models.Model, ...] = ()
        _give_up_early()
        _drop_hooks()
        self._package.suppress_debug_info = True  # the advice it would print after each failed call

    @property
    def application(self) -> ASGIApp:
        """The proxy's ASGI application; it reads its configuration in its lifespan."""
        application: ASGIApp = self._proxy.app
        return application

    @property
    def price_map(self) -> PriceMap:
        """Price and shutdown date per model id, as the installed package knows them."""
        price_map: PriceMap = self._package.model_cost
        return price_map

    def served(self) -> tuple[models.Model, ...]:
        """The models loaded by now. LiteLLM replaces its list, so it is looked at each time."""
        loaded = self._proxy.llm_model_list
        if loaded is not self._loaded:
            self._loaded, self._served = loaded, models.from_litellm(loaded)
        return self._served

    def register(self, meter: Meter, journal: Journal) -> None:
        """Have LiteLLM call our hooks."""
        base = _imported("litellm.integrations.custom_logger").CustomLogger
        hooks = type("GatewayHooks", (Hooks, base), {})(meter, journal)
        self._package.logging_callback_manager.add_litellm_callback(hooks)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Collect no garbage meanwhile: an import makes next to none, and looking for it takes a fifth of LiteLLM's.

    What was imported is then kept out of every later collection.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@contextlib.contextmanager
def _without_routes() -> Iterator[None]:
    """Have LiteLLM declare no route but those that we pass on: a fifth of its start goes into the other 600."""
    router = _imported("fastapi.routing").APIRouter
    add = router.add_api_route

    def add_served(self: object, path: str, *arguments: Any, **options: Any) -> None:
        if path in ENDPOINTS:
            add(self, path, *arguments, **options)

    router.add_api_route = add_served
    try:
        yield
    finally:
        router.add_api_route = add


def _give_up_early() -> None:
    """Have imports that cannot succeed fail at once; looking again took a twentieth of the CPU of each call."""
    for name in _TRIED_AT_EACH_CALL:
        try:
            _imported(name)
        except ImportError:
            sys.modules[name] = None  # type: ignore[assignment] # how Python is told that there is none


def _drop_hooks() -> None:
    """Have LiteLLM register none of its hooks, which keep limits of keys, teams and agents in a database.

    There is none here, and looking for limits took a tenth of the CPU of each call.
    """
    _imported("litellm.proxy.hooks").PROXY_HOOKS.clear()


def _imported(name: str) -> Any:
    return importlib.import_module(name)
