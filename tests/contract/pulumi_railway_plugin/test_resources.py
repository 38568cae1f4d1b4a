"""Every call about a resource, over gRPC: what reaches a handler and what the engine gets back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped]  # it ships no py.typed

from pulumi_railway.handlers.base import UNKNOWN, Checked, CheckFailure, Diff, PartialFailure, State
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.protocol import provider_pb2

pytestmark = pytest.mark.contract

Struct = Callable[..., struct_pb2.Struct]


def secret(value: Any) -> dict[str, Any]:
    return {codec.SIGNATURE_KEY: codec.SECRET_SIGNATURE, "value": value}


def test_check_hands_over_plain_values_and_keeps_secrets(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_check = lambda _olds, news: Checked({**news, "name": news["name"].strip()})
    news = struct(name=secret(" gateway "), port=4000, later=codec.UNKNOWN_TEXT)
    answer = serve(thing).stub.Check(provider_pb2.CheckRequest(urn=urn, news=news))
    assert thing.given == [(None, {"name": " gateway ", "port": 4000, "later": UNKNOWN})]
    assert answer.inputs == struct(name=secret("gateway"), port=4000, later=codec.UNKNOWN_TEXT)


def test_check_gives_old_inputs_of_an_update(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    serve(thing).stub.Check(provider_pb2.CheckRequest(urn=urn, olds=struct(name="a"), news=struct(name="b")))
    assert thing.given == [({"name": "a"}, {"name": "b"})]


def test_bad_inputs_are_told_by_name_without_secrets(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_check = lambda _olds, news: Checked({}, [CheckFailure("name", f"{news['name']} is too long")])
    news = struct(name=secret("top-secret-name"))
    answer = serve(thing).stub.Check(provider_pb2.CheckRequest(urn=urn, news=news))
    assert [(failure.property, failure.reason) for failure in answer.failures] == [("", "name [redacted] is too long")]


def test_diff_compares_old_inputs_not_outputs(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_diff = lambda _old, _news: Diff(changes=["name"])
    request = provider_pb2.DiffRequest(
        urn=urn, id="i", old_inputs=struct(name="a"), olds=struct(name="live", serviceId="s"), news=struct(name="b")
    )
    answer = serve(thing).stub.Diff(request)
    assert thing.given == [(State("i", {"name": "a"}, {"name": "live", "serviceId": "s"}), {"name": "b"})]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.detailedDiff) == ["name"]


def test_a_value_that_only_became_secret_looks_the_same_to_diff(
    serve: Any, thing: Any, urn: str, struct: Struct
) -> None:
    thing.on_diff = lambda old, news: Diff(changes=[name for name in news if old.inputs[name] != news[name]])
    request = provider_pb2.DiffRequest(urn=urn, old_inputs=struct(name="a"), news=struct(name=secret("a")))
    assert serve(thing).stub.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_create(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    properties = struct(name="a", variables={"PORT": "1", "PASSWORD": secret("p4ssword")})
    answer = (
        serve(thing).configure().stub.Create(provider_pb2.CreateRequest(urn=urn, properties=properties, timeout=120))
    )
    assert [(context.urn, context.timeout) for context in thing.contexts] == [(urn, 120.0)]
    assert answer.id == "id"
    assert answer.properties == struct(name="a", variables={"PORT": "1", "PASSWORD": secret("p4ssword")}, serviceId="s")


@pytest.mark.parametrize(("provider", "told"), [("4f0c", "4f0c"), ("", ""), (codec.UNKNOWN_TEXT, "")])
def test_the_id_of_the_provider_tells_the_state(serve: Any, thing: Any, urn: str, provider: str, told: str) -> None:
    plugin = serve(thing)
    plugin.stub.Configure(provider_pb2.ConfigureRequest(id=provider))
    plugin.stub.Create(provider_pb2.CreateRequest(urn=urn))
    assert [context.stack for context in thing.contexts] == [told]


def test_create_in_a_preview_calls_preview_and_answers_unknowns(
    serve: Any, thing: Any, urn: str, struct: Struct
) -> None:
    thing.on_create = lambda _context, _news: pytest.fail("a preview creates nothing")
    properties = struct(name=codec.UNKNOWN_TEXT)
    answer = (
        serve(thing).configure().stub.Create(provider_pb2.CreateRequest(urn=urn, properties=properties, preview=True))
    )
    assert answer.id == ""
    assert answer.properties == struct(name=codec.UNKNOWN_TEXT, serviceId=codec.UNKNOWN_TEXT)


def test_update_and_its_preview(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_preview = lambda _context, _old, news: {**news, "revision": UNKNOWN}
    plugin = serve(thing).configure()
    sent: dict[str, Any] = {
        "urn": urn,
        "id": "i",
        "olds": struct(name="a", revision="1"),
        "old_inputs": struct(name="a"),
        "news": struct(name=secret("b")),
    }
    preview = plugin.stub.Update(provider_pb2.UpdateRequest(**sent, preview=True))
    assert preview.properties == struct(name=secret("b"), revision=codec.UNKNOWN_TEXT)
    assert thing.given == [(State("i", {"name": "a"}, {"name": "a", "revision": "1"}), {"name": "b"})]
    assert plugin.stub.Update(provider_pb2.UpdateRequest(**sent)).properties == struct(name=secret("b"))


def test_read_answers_live_inputs_and_outputs(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_read = lambda _context, old: State(old.id, {"name": "live"}, {"name": "live", "serviceId": "s"})
    request = provider_pb2.ReadRequest(
        urn=urn, id="i", inputs=struct(name=secret("a")), properties=struct(name="a", serviceId="s")
    )
    answer = serve(thing).configure().stub.Read(request)
    assert answer.id == "i"
    assert answer.inputs == struct(name=secret("live"))
    assert answer.properties == struct(name=secret("live"), serviceId="s")


def test_import_knows_the_id_alone(serve: Any, thing: Any, urn: str) -> None:
    thing.on_read = lambda _context, _old: State("p/e/s", {"name": "n"}, {"name": "n"})
    answer = serve(thing).configure().stub.Read(provider_pb2.ReadRequest(urn=urn, id="p/e/s"))
    assert thing.given == [State("p/e/s", {}, {})]
    assert answer.id == "p/e/s"


def test_what_is_gone_has_no_id(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_read = lambda _context, _old: None
    answer = serve(thing).configure().stub.Read(provider_pb2.ReadRequest(urn=urn, id="i", inputs=struct(name="a")))
    assert answer == provider_pb2.ReadResponse()


def test_delete(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    request = provider_pb2.DeleteRequest(urn=urn, id="i", properties=struct(serviceId="s"), old_inputs=struct(name="a"))
    serve(thing).configure().stub.Delete(request)
    assert thing.given == [State("i", {"name": "a"}, {"serviceId": "s"})]


@pytest.mark.parametrize("call", ["create", "read", "update"])
def test_a_partial_failure_carries_its_state(serve: Any, thing: Any, urn: str, struct: Struct, call: str) -> None:
    """As large as a gate's evidence can be: a state must not be lost to a limit on headers."""
    evidence = "e" * 40_000
    half = State("p/e/s", {"name": "n4me-secret"}, {"name": "n4me-secret", "evidence": evidence})

    def fail(*_arguments: Any) -> State:
        raise PartialFailure(half, ["The gate refused n4me-secret.", "It was rolled back."])

    setattr(thing, f"on_{call}", fail)
    stub = serve(thing).configure().stub
    inputs = struct(name=secret("n4me-secret"))
    requests: dict[str, Any] = {
        "create": lambda: stub.Create(provider_pb2.CreateRequest(urn=urn, properties=inputs)),
        "read": lambda: stub.Read(provider_pb2.ReadRequest(urn=urn, id="p/e/s", inputs=inputs)),
        "update": lambda: stub.Update(provider_pb2.UpdateRequest(urn=urn, id="p/e/s", news=inputs)),
    }
    with pytest.raises(grpc.RpcError) as caught:
        requests[call]()
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.details() == "The gate refused [redacted]. It was rolled back."
    trailers: dict[str, Any] = {item.key: item.value for item in caught.value.trailing_metadata()}
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    assert failed.id == "p/e/s"
    assert list(failed.reasons) == ["The gate refused [redacted].", "It was rolled back."]
    assert failed.inputs == struct(name=secret("n4me-secret"))
    assert failed.properties == struct(name=secret("n4me-secret"), evidence=evidence)


def test_a_type_this_provider_does_not_have(serve: Any, thing: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        serve(thing).stub.Check(provider_pb2.CheckRequest(urn="urn:pulumi:s::p::railway:index:Volume::v"))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == (
        "railway:index:Volume is no resource of this provider; it has railway:index:Service."
    )
