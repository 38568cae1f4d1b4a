"""What whoever has the key may look at: the numbers for Prometheus and the page for people."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Final, TypeVar

from starlette.responses import HTMLResponse, Response

from litellm_gateway.budget.statement import complete
from litellm_gateway.errors import RequestError
from litellm_gateway.metrics.exposition import MEDIA_TYPE, exposition
from litellm_gateway.metrics.store import StoreError
from litellm_gateway.status.overview import overview
from litellm_gateway.status.page import HEADERS, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.headers import Identity
    from litellm_gateway.metrics.collector import Collector
    from litellm_gateway.metrics.store import Store
    from litellm_gateway.models import Model

log: Final = logging.getLogger("gateway.metrics")

_T = TypeVar("_T")


class Views:
    """Both raise a 503 where the ledger or the numbers cannot be read."""

    def __init__(
        self, collector: Collector, meter: Meter, served: Callable[[], tuple[Model, ...]], identity: Identity
    ) -> None:
        self._collector = collector
        self._meter = meter
        self._served = served
        self._identity = identity

    def metrics(self) -> Response:
        """All numbers in Prometheus's text format."""
        _, balances = self._meter.balances()
        accounts = complete(balances, self._meter.limits)
        counted = self._read(lambda store: store.counted())
        return Response(exposition(counted, accounts, self._meter.limits, self._identity), media_type=MEDIA_TYPE)

    def status(self) -> Response:
        """The page."""
        day, balances = self._meter.balances()
        spent, recent = self._read(lambda store: (store.spent(day), store.recent()))
        shown = overview(
            dt.datetime.now(dt.UTC),
            accounts=complete(balances, self._meter.limits),
            limits=self._meter.limits,
            models=[model.name for model in self._served() if not model.hidden],
            provider=self._meter.provider,
            spent=spent,
            recent=recent,
        )
        return HTMLResponse(page(shown, self._identity), headers=HEADERS)

    def _read(self, read: Callable[[Store], _T]) -> _T:
        try:
            return read(self._collector.flush())
        except StoreError as error:
            log.error("Metrics: %s", error)  # noqa: TRY400 - the message says all
            message = "The numbers about requests cannot be read now. The gateway's log says why."
            raise RequestError(503, "metrics_unavailable", message, kind="api_error") from error
