"""What the engine asks of any provider: handshake, attach, version, schema, configuration, cancel."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2

import pulumi_railway
from pulumi_railway.handlers.base import UNKNOWN, Context, State
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.protocol import plugin_pb2, provider_pb2

pytestmark = pytest.mark.contract

Struct = Callable[..., struct_pb2.Struct]
NOTHING = empty_pb2.Empty()


def failure(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code(), str(caught.value.details())


def test_handshake_asks_for_marked_secrets_and_plain_values(serve: Any) -> None:
    answer = serve().stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert answer == provider_pb2.ProviderHandshakeResponse(accept_secrets=True)


def test_version_and_schema_come_from_the_package(serve: Any) -> None:
    stub = serve().stub
    assert stub.GetPluginInfo(NOTHING).version == pulumi_railway.__version__
    assert json.loads(stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)["name"] == "railway"


def test_check_config_names_each_bad_setting(serve: Any, struct: Struct) -> None:
    news = struct(apiUrl="http://example.com", tokenSecret="a-token", other="x")
    answer = serve().stub.CheckConfig(provider_pb2.CheckRequest(news=news))
    assert sorted(found.reason.split()[0] for found in answer.failures) == ["apiUrl", "other", "tokenSecret"]
    assert not any("a-token" in found.reason for found in answer.failures)
    assert not any(found.property for found in answer.failures), "the engine prints the value of a property it is told"


def test_check_config_passes_good_and_unknown_settings(serve: Any, struct: Struct) -> None:
    news = struct(apiUrl=codec.UNKNOWN_TEXT, tokenSecret="projects/p/secrets/s/versions/latest", version="0.1.0")
    answer = serve().stub.CheckConfig(provider_pb2.CheckRequest(news=news))
    assert not answer.failures
    assert answer.inputs == news


def test_no_setting_replaces_anything(serve: Any, struct: Struct) -> None:
    old, new = struct(apiUrl="https://a/"), struct(apiUrl="https://b/", tokenSecret="projects/p/secrets/s/versions/1")
    answer = serve().stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, olds=old, news=new))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert set(answer.detailedDiff) == {"apiUrl", "tokenSecret"}
    assert not answer.replaces
    same = serve().stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, olds=old, news=old))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_configure_refuses_what_check_config_refuses(serve: Any, struct: Struct) -> None:
    request = provider_pb2.ConfigureRequest(args=struct(apiUrl="http://example.com"))
    code, details = failure(lambda: serve().stub.Configure(request))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details.startswith("railway:apiUrl must be an https:// URL")


def test_configure_names_the_environment_variable_that_is_wrong(serve: Any) -> None:
    stub = serve(environ={"RAILWAY_API_URL": "http://example.com/graphql"}).stub
    code, details = failure(lambda: stub.Configure(provider_pb2.ConfigureRequest()))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details.startswith("RAILWAY_API_URL must be an https:// URL")


def test_a_call_before_configure_is_told(serve: Any, thing: Any, urn: str) -> None:
    code, details = failure(lambda: serve(thing).stub.Create(provider_pb2.CreateRequest(urn=urn)))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert details == "The Railway provider was not configured before it was used. Nothing was changed."


def test_an_unknown_configuration_makes_a_preview_of_unknowns(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_preview = lambda *_arguments: pytest.fail("nothing can be asked")
    stub = serve(thing).configure(apiUrl=UNKNOWN).stub
    news = struct(projectId="p", environmentId="e", name="n")
    answer = stub.Create(provider_pb2.CreateRequest(urn=urn, properties=news, preview=True))
    values = codec.decode(answer.properties).values
    assert (values["projectId"], values["serviceId"], values["revision"]) == ("p", UNKNOWN, UNKNOWN)
    change = stub.Update(provider_pb2.UpdateRequest(urn=urn, id="p/e/s", olds=news, news=news, preview=True))
    assert codec.decode(change.properties).values["serviceId"] is UNKNOWN
    read = stub.Read(provider_pb2.ReadRequest(urn=urn, id="p/e/s", inputs=news, properties=news))
    found = codec.decode(read.properties).values
    assert (read.id, read.inputs, found["name"], found["serviceId"]) == ("p/e/s", news, "n", UNKNOWN)
    code, details = failure(lambda: stub.Create(provider_pb2.CreateRequest(urn=urn, properties=news)))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "not known yet" in details


def test_configure_again_replaces_what_was_unknown(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    plugin = serve(thing).configure(apiUrl=UNKNOWN).configure(apiUrl="https://railway.example/")
    answer = plugin.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=struct(name="n")))
    assert answer.id == "id"


def test_cancel_reaches_a_call_under_way_and_attach_ends_it(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    started = threading.Event()

    def wait(context: Context, news: Any) -> State:
        started.set()
        return State("interrupted" if context.cancelled.wait(30) else "ran out", news, news)

    thing.on_create = wait
    plugin = serve(thing).configure()
    call = plugin.stub.Create.future(provider_pb2.CreateRequest(urn=urn, properties=struct(name="n")))
    assert started.wait(30)
    plugin.stub.Cancel(NOTHING)
    assert call.result().id == "interrupted"

    plugin.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    thing.on_create = lambda context, news: State(f"cancelled={context.cancelled.is_set()}", news, news)
    answer = plugin.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=struct(name="n")))
    assert answer.id == "cancelled=False"


@pytest.mark.parametrize(
    ("call", "request_type"),
    [
        ("Parameterize", provider_pb2.ParameterizeRequest),
        ("Construct", provider_pb2.ConstructRequest),
        ("Call", provider_pb2.CallRequest),
        ("GetMapping", provider_pb2.GetMappingRequest),
        ("GetMappings", provider_pb2.GetMappingsRequest),
    ],
)
def test_what_is_not_supported_says_so(serve: Any, call: str, request_type: Any) -> None:
    code, details = failure(lambda: getattr(serve().stub, call)(request_type()))
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert details.startswith("The Railway provider has no ")


def test_listing_is_not_supported(serve: Any) -> None:
    code, details = failure(lambda: list(serve().stub.List(provider_pb2.ListRequest())))
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert details == "The Railway provider has no lists of resources."


def test_message_sizes_are_those_of_the_sdk() -> None:
    from pulumi.runtime import _grpc_settings  # noqa: PLC0415 - only this test needs the SDK

    from pulumi_railway.plugin import process  # noqa: PLC0415

    assert set(_grpc_settings._GRPC_CHANNEL_OPTIONS) <= set(process.OPTIONS)


def test_large_states_pass(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    large = struct(name="n" * 5_000_000)
    thing.on_create = lambda _context, news: State(str(len(news["name"])), {}, {})
    answer = serve(thing).configure().stub.Create(provider_pb2.CreateRequest(urn=urn, properties=large))
    assert answer.id == "5000000"
