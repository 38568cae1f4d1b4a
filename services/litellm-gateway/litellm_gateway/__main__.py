"""Start the gateway: `python -m litellm_gateway`. Exit code 0 after a signal, 1 where the start was refused."""

from __future__ import annotations

import io
import logging
import signal
import sys
from typing import Final

import uvicorn

from litellm_gateway import config, logs, prices, settings, spend, upstream
from litellm_gateway.application import Gateway
from litellm_gateway.errors import StartError
from litellm_gateway.headers import Identity

log: Final = logging.getLogger("gateway.start")

DRAIN_SECONDS: Final = 25
"""How long running requests may go on after SIGTERM; below the 30 seconds the platform grants."""


def main() -> int:
    """Read, check, serve."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    formatter = logs.install(out)
    formatter.redact(settings.secrets())
    try:
        loaded = settings.load()
        gateway = build(loaded, config.read(loaded.config), formatter)
    except StartError as refused:
        log.critical("Refused to start: %s", refused)
        return 1
    return serve(gateway, loaded)


def build(loaded: settings.Settings, configuration: config.Configuration, formatter: logs.JsonLines) -> Gateway:
    """Import LiteLLM and wrap it. Raises `StartError` on models without price or past their end."""
    settings.prepare_litellm(loaded.config)
    litellm = upstream.LiteLLM()
    logs.adopt(upstream.LOGGERS)
    check_models(configuration, litellm.price_map)
    litellm.register(spend.Spend(configuration.daily_budget))
    for name in loaded.missing_provider_keys:
        log.warning("%s is not set: models of that provider answer through their fallbacks or not at all", name)

    def started() -> None:
        formatter.withhold_foreign = True
        names = ", ".join(model.name for model in litellm.served())
        log.info("Serving %s on port %d", names, loaded.port)
        log.info("Budget: $%.2f a day is reported, not enforced; the count starts at $0", configuration.daily_budget)

    return Gateway(
        litellm.application,
        served=litellm.served,
        key=loaded.master_key,
        identity=Identity(loaded.deployment, loaded.commit),
        limits=configuration.limits,
        on_started=started,
    )


def check_models(configuration: config.Configuration, price_map: prices.PriceMap) -> None:
    """Warn of shutdowns that are near; raise `StartError` where a price is missing or a model is gone."""
    today = spend.utc_today()
    for warning in prices.warnings(configuration.upstreams, price_map, today):
        log.warning("%s", warning)
    problems = prices.problems(configuration.upstreams, price_map, today)
    if problems:
        raise StartError(problems)


def serve(gateway: Gateway, loaded: settings.Settings) -> int:
    """Serve until a signal; running requests are finished first."""
    server = uvicorn.Server(
        uvicorn.Config(
            gateway,
            host=loaded.host,
            port=loaded.port,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
