"""Start the gateway: `python -m litellm_gateway`. Exit code 0 after a signal, 1 where the start was refused."""

from __future__ import annotations

import datetime as dt
import io
import logging
import signal
import sys
from typing import TYPE_CHECKING, Final

from litellm_gateway import client_list, config, logs, prices, settings, upstream, workers
from litellm_gateway.application import Gateway
from litellm_gateway.budget.estimate import Price
from litellm_gateway.budget.ledger import LedgerError, utc_today
from litellm_gateway.budget.limits import limits
from litellm_gateway.budget.meter import Meter
from litellm_gateway.budget.opening import open_ledger
from litellm_gateway.budget.route import Route, chain
from litellm_gateway.errors import StartError
from litellm_gateway.headers import Identity
from litellm_gateway.journal import Journal
from litellm_gateway.metrics.collector import Collector
from litellm_gateway.metrics.store import METRICS, Store, StoreError
from litellm_gateway.models import OWNERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litellm_gateway.budget.ledger import Ledger
    from litellm_gateway.clients import Client

log: Final = logging.getLogger("gateway.start")


def main() -> int:
    """Read, check, serve."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    formatter = logs.install(out)
    formatter.redact(settings.secrets())
    try:
        loaded = settings.load()
        configuration = config.read(loaded.config)
        clients = client_list.read(settings.take_client_keys(), loaded.master_key, configuration.upstreams)
        ports = workers.bind(loaded)
        return workers.serve(prepare(loaded, configuration, clients, formatter), loaded, ports)
    except StartError as refused:
        log.critical("Refused to start: %s", refused)
        return 1


def prepare(
    loaded: settings.Settings,
    configuration: config.Configuration,
    clients: Sequence[Client],
    formatter: logs.JsonLines,
) -> Callable[[], Gateway]:
    """Import LiteLLM; what is returned wraps it, in each process that serves.

    Raises `StartError`, as what is returned does, on a ledger or on models that cannot be used.
    """
    ledger_of(loaded).close()
    store_of(loaded).close()
    settings.prepare_litellm(loaded.config)
    litellm = upstream.LiteLLM()
    logs.adopt(upstream.LOGGERS)
    check_models(configuration, litellm.price_map)
    for name in loaded.missing_provider_keys:
        log.warning("%s is not set: models of that provider answer through their fallbacks or not at all", name)
    if not loaded.data_lasts:
        log.warning("No volume is attached: the next deployment does not know what was spent today")
    for client in clients:
        if client.has_expired(dt.datetime.now(dt.UTC)):
            log.warning("The key '%s' has expired: its requests are refused", client.name)
    return lambda: build(loaded, configuration, clients, formatter, litellm)


def build(
    loaded: settings.Settings,
    configuration: config.Configuration,
    clients: Sequence[Client],
    formatter: logs.JsonLines,
    litellm: upstream.LiteLLM,
) -> Gateway:
    """Wrap LiteLLM. Raises `StartError` on a ledger that cannot be used."""
    ledger = ledger_of(loaded)
    meter = Meter(
        ledger,
        routes(configuration, litellm.price_map),
        limits(configuration, clients),
        lambda: dt.datetime.now(dt.UTC),
    )
    collector = Collector(store_of(loaded), meter.provider, lambda: dt.datetime.now(dt.UTC))
    journal = Journal(meter.limits, collector)
    litellm.register(meter, journal)

    def started() -> None:
        formatter.withhold_foreign = True
        names = ", ".join(model.name for model in litellm.served())
        log.info("Serving %s on port %d", names, loaded.port)
        log.info("Budget: $%.2f a day, counted in %s", configuration.daily_budget, ledger.place)

    return Gateway(
        litellm.application,
        served=litellm.served,
        key=loaded.master_key,
        clients=clients,
        identity=Identity(loaded.deployment, loaded.commit),
        limits=configuration.limits,
        meter=meter,
        journal=journal,
        collector=collector,
        aliases=configuration.aliases,
        cors_origins=configuration.cors_origins,
        on_started=started,
    )


def ledger_of(loaded: settings.Settings) -> Ledger:
    """The ledger, opened. Raises `StartError`."""
    try:
        return open_ledger(loaded.data, loaded.redis_url)
    except LedgerError as error:
        raise StartError([str(error)]) from error


def store_of(loaded: settings.Settings) -> Store:
    """The numbers about requests, opened. Raises `StartError`."""
    try:
        return Store(loaded.data / METRICS)
    except StoreError as error:
        raise StartError([f"{error}; without that file a new one is begun"]) from error


def routes(configuration: config.Configuration, price_map: prices.PriceMap) -> dict[str, Route]:
    """What the meter has to know of each model."""
    return {
        name: Route(
            Price(prices.find(upstream_id, price_map)),
            OWNERS[upstream_id.partition("/")[0]],
            chain(name, configuration.fallbacks),
        )
        for name, upstream_id in configuration.upstreams.items()
    }


def check_models(configuration: config.Configuration, price_map: prices.PriceMap) -> None:
    """Warn of shutdowns that are near; raise `StartError` where a price is missing or a model is gone."""
    today = utc_today()
    for warning in prices.warnings(configuration.upstreams, price_map, today):
        log.warning("%s", warning)
    problems = prices.problems(configuration.upstreams, price_map, today)
    if problems:
        raise StartError(problems)


if __name__ == "__main__":
    sys.exit(main())
