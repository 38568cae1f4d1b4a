"""The service's package, importable, and an ASGI client that shows exactly what a request did."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

SERVICE = Path(__file__).resolve().parents[3] / "services" / "litellm-gateway"
sys.path.insert(0, str(SERVICE))

from litellm_gateway.application import Gateway  # noqa: E402 - importable from here on
from litellm_gateway.budget.estimate import Price  # noqa: E402
from litellm_gateway.budget.ledger import TOTAL  # noqa: E402
from litellm_gateway.budget.meter import Meter  # noqa: E402
from litellm_gateway.budget.money import picodollars  # noqa: E402
from litellm_gateway.budget.route import Route  # noqa: E402
from litellm_gateway.budget.sqlite import SqliteLedger  # noqa: E402
from litellm_gateway.clients import Client  # noqa: E402
from litellm_gateway.config import Limits  # noqa: E402
from litellm_gateway.connections import WHOLE  # noqa: E402
from litellm_gateway.headers import Identity  # noqa: E402
from litellm_gateway.journal import Journal  # noqa: E402
from litellm_gateway.metrics.collector import Collector  # noqa: E402
from litellm_gateway.metrics.store import Store  # noqa: E402
from litellm_gateway.models import Model  # noqa: E402

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ROUTES = {
    "claude-sonnet": Route(
        Price({"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}), "anthropic", ("gpt-4o",)
    ),
    "gpt-4o": Route(Price({"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}), "openai", ()),
    "probe": Route(Price({"input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06}), "google", ()),
}
KEY = "sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@dataclass
class Answer:
    """What came back, and how many pieces of the request's body were asked for."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces_read: int


@dataclass
class Inner:
    """A stand-in for LiteLLM's application: keeps what it got, answers as told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: tuple[bytes, ...] = (b'{"id":"chatcmpl-1"}',)
    scopes: list[Scope] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.bodies.append((await receive())["body"])
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for number, piece in enumerate(self.body, start=1):
            await send({"type": "http.response.body", "body": piece, "more_body": number < len(self.body)})


Call = Callable[..., Answer]


@pytest.fixture
def service() -> Path:
    return SERVICE


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def started() -> list[str]:
    """Gets an entry when the gateway says that it has started."""
    return []


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    kept = SqliteLedger(tmp_path / "ledger.sqlite3")
    yield kept
    kept.close()


@pytest.fixture
def make_meter(ledger: SqliteLedger) -> Callable[..., Meter]:
    """A meter; `usd` is the day's budget, `providers` those of providers."""

    def make(usd: str = "10", **providers: str) -> Meter:
        limits = {TOTAL: usd, **{f"provider:{name}": amount for name, amount in providers.items()}}
        amounts = {account: picodollars(Decimal(amount)) for account, amount in limits.items()}
        return Meter(ledger, ROUTES, amounts, lambda: NOON)

    return make


@pytest.fixture
def collector(tmp_path: Path, make_meter: Callable[..., Meter]) -> Iterator[Collector]:
    store = Store(tmp_path / "metrics.sqlite3")
    yield Collector(store, make_meter().provider, lambda: NOON)
    store.close()


@pytest.fixture
def make_gateway(
    inner: Inner, started: list[str], make_meter: Callable[..., Meter], collector: Collector
) -> Callable[..., Gateway]:
    models = (Model("claude-sonnet", "anthropic"), Model("gpt-4o", "openai"), Model("probe", "gemini", hidden=True))

    def make(
        app: ASGIApp = inner,
        served: tuple[Model, ...] = models,
        meter: Meter | None = None,
        *,
        body_bytes: int = 1000,
        cors_origins: tuple[str, ...] = (),
        clients: tuple[Client, ...] = (),
    ) -> Gateway:
        meter = meter or make_meter()
        return Gateway(
            app,
            served=lambda: served,
            key=KEY,
            clients=clients,
            identity=Identity("deployment-1", "0123abc"),
            limits=Limits(body_bytes=body_bytes, answer_tokens=50, requests=2),
            meter=meter,
            aliases={"claude": "claude-sonnet"},
            journal=Journal(meter.limits, collector),
            collector=collector,
            cors_origins=cors_origins,
            on_started=lambda: started.append("started"),
        )

    return make


@pytest.fixture
def call(make_gateway: Callable[..., Gateway]) -> Call:
    """Call the gateway with a request whose body comes in `pieces`."""

    def called(
        method: str,
        path: str,
        pieces: Iterable[bytes] = (b"",),
        headers: dict[str, str] | None = None,
        gateway: Gateway | None = None,
        **scope: Any,
    ) -> Answer:
        raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        whole = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b"", **scope}
        return asyncio.run(exchange(gateway or make_gateway(), whole, list(pieces)))

    return called


async def exchange(app: ASGIApp, scope: Scope, pieces: list[bytes]) -> Answer:
    sent: list[Message] = []
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        if read > len(pieces):
            return {"type": "http.disconnect"}
        scope[WHOLE] = read == len(pieces)
        return {"type": "http.request", "body": pieces[read - 1], "more_body": read < len(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for message in sent for name, value in message.get("headers", ())}
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(sent[0]["status"] if sent else 0, headers, body, read)
