"""Messages of a handler reach the engine's log, for the right resource and without secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import struct_pb2

from pulumi_railway.handlers.base import Context, State
from pulumi_railway.plugin.engine_log import EngineLog
from pulumi_railway.plugin.protocol import engine_pb2, provider_pb2
from pulumi_railway.redaction import Redactor

pytestmark = pytest.mark.contract


def test_a_handler_logs_for_its_resource(
    serve: Any, thing: Any, urn: str, struct: Callable[..., struct_pb2.Struct]
) -> None:
    def chatter(context: Context, news: Any) -> State:
        context.log("info", "deploying with t0ken-of-the-project")
        context.log("warning", "slow")
        return State("id", news, news)

    thing.on_create = chatter
    plugin = serve(thing, environ={"RAILWAY_TOKEN": "t0ken-of-the-project"}).configure()
    plugin.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=struct(name="n")))
    seen = [(message.severity, message.message, message.urn) for message in plugin.engine.messages]
    assert seen == [(engine_pb2.INFO, "deploying with [redacted]", urn), (engine_pb2.WARNING, "slow", urn)]


def test_an_engine_that_is_gone_fails_nothing() -> None:
    log = EngineLog("127.0.0.1:9", Redactor())
    log.log("error", "nobody hears this")
    log.close()


def test_without_an_engine_nothing_is_sent() -> None:
    log = EngineLog("", Redactor())
    log.log("info", "nobody is there")
    log.connect("")
    log.close()


def test_the_engine_of_the_handshake_hears_the_rest(engine: Any) -> None:
    servicer, address = engine
    log = EngineLog("127.0.0.1:9", Redactor())
    log.connect(address)
    log.log("debug", "here")
    log.close()
    assert [(message.severity, message.message) for message in servicer.messages] == [(engine_pb2.DEBUG, "here")]


def test_a_proxy_does_not_come_between(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    servicer, address = engine
    log = EngineLog(address, Redactor())
    log.log("info", "here")
    log.close()
    assert [message.message for message in servicer.messages] == ["here"]
