"""The plugin in this process behind real gRPC, an engine that keeps the log, and a handler for odd cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2

from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, Handler, State
from pulumi_railway.plugin import codec, process
from pulumi_railway.plugin.protocol import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from pulumi_railway.plugin.servicer import RailwayProvider
from pulumi_railway.plugin.settings import Environment, read_environment

THING = "railway:index:Service"
"""Odd cases use the token of a real resource, so that the schema knows its outputs."""

URN = f"urn:pulumi:stack::project::gateway:index:LiteLLMGateway${THING}::a::b"


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        self.messages.append(request)
        return empty_pb2.Empty()


@dataclass
class Thing:
    """A resource without a cloud: each member keeps what it is given and answers what the test tells it to."""

    token: str = THING
    on_check: Callable[[Any, Any], Checked] = lambda _olds, news: Checked(news)
    on_diff: Callable[[State, Any], Diff] = lambda _old, _news: Diff()
    on_preview: Callable[[Context, State | None, Any], Any] = lambda _context, _old, news: {
        **news,
        "serviceId": UNKNOWN,
    }
    on_create: Callable[[Context, Any], State] = lambda _context, news: State("id", news, {**news, "serviceId": "s"})
    on_read: Callable[[Context, State], State | None] = lambda _context, old: old
    on_update: Callable[[Context, State, Any], State] = lambda _context, old, news: State(old.id, news, news)
    given: list[Any] = field(default_factory=list)
    """What each call was given, without its context."""
    contexts: list[Context] = field(default_factory=list)

    def check(self, olds: Any, news: Any) -> Checked:
        self.given.append((olds, news))
        return self.on_check(olds, news)

    def diff(self, old: State, news: Any) -> Diff:
        self.given.append((old, news))
        return self.on_diff(old, news)

    def preview(self, context: Context, old: State | None, news: Any) -> Any:
        self.given.append((old, news))
        return self.on_preview(context, old, news)

    def create(self, context: Context, inputs: Any) -> State:
        self.contexts.append(context)
        return self.on_create(context, inputs)

    def read(self, context: Context, old: State) -> State | None:
        self.given.append(old)
        return self.on_read(context, old)

    def update(self, context: Context, old: State, inputs: Any) -> State:
        return self.on_update(context, old, inputs)

    def delete(self, context: Context, old: State) -> None:
        self.given.append(old)


@dataclass(frozen=True)
class Plugin:
    """A served provider as an engine calls it."""

    provider: RailwayProvider
    stub: provider_pb2_grpc.ResourceProviderStub
    engine: Engine

    def configure(self, **inputs: Any) -> Plugin:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=codec.encode(inputs)))
        return self


Serve = Callable[..., Plugin]


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    """An engine and its address."""
    servicer, server = Engine(), grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def serve(engine: tuple[Engine, str]) -> Iterator[Serve]:
    """`serve(handlers..., environ={...})` starts a provider and connects to it."""
    running: list[tuple[RailwayProvider, grpc.Server, grpc.Channel]] = []

    def start(*handlers: Handler, environ: Mapping[str, str] | None = None) -> Plugin:
        environment: Environment = read_environment(environ or {"RAILWAY_TOKEN": "unused-token"})
        provider = RailwayProvider({handler.token: handler for handler in handlers}, environment, engine[1])
        server, port = process.listen(provider)
        server.start()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_metadata_size", 1 << 24)])
        running.append((provider, server, channel))
        return Plugin(provider, provider_pb2_grpc.ResourceProviderStub(channel), engine[0])

    yield start
    for provider, server, channel in running:
        channel.close()
        server.stop(None).wait()
        provider.close()


@pytest.fixture
def thing() -> Thing:
    return Thing()


@pytest.fixture
def urn() -> str:
    return URN


@pytest.fixture
def struct() -> Callable[..., struct_pb2.Struct]:
    """`struct(a=1, b=...)` in the protocol's own types."""

    def build(**values: Any) -> struct_pb2.Struct:
        built = struct_pb2.Struct()
        built.update(values)
        return built

    return build
