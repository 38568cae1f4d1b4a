"""The real handlers behind the plugin, against a local Railway and a local Secret Manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from localcloud.cloud import LocalCloud
from localcloud.core.faults import Fault
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.protocol import provider_pb2

pytestmark = pytest.mark.contract

PLACE = {"projectId": "95ec21cc-9ada-41c5-8485-12f9a00e0116", "environmentId": "99c99a18-aea2-4d01-9360-6a93705102a0"}
SECRETS = "projects/project38-483612/secrets"
TOKEN_SECRET = f"{SECRETS}/RAILWAY-API/versions/1"
HIDDEN = "a-value-that-nobody-may-see"


@pytest.fixture(scope="module")
def started(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("cloud"), root) as cloud:
        yield cloud


@pytest.fixture
def cloud(started: LocalCloud) -> LocalCloud:
    started.reset()
    return started


def urn(kind: str) -> str:
    return f"urn:pulumi:stack::project::gateway:index:LiteLLMGateway$railway:index:{kind}::name"


class Resource:
    """One resource as an engine keeps it."""

    def __init__(self, plugin: Any, kind: str) -> None:
        self.stub, self.urn = plugin.stub, urn(kind)
        self.id = ""
        self.inputs = self.outputs = codec.encode({})

    def check(self, **inputs: Any) -> Any:
        news = codec.encode(inputs, [("variables", "HIDDEN")])
        checked = self.stub.Check(provider_pb2.CheckRequest(urn=self.urn, olds=self.inputs, news=news))
        assert not checked.failures
        return checked.inputs

    def preview(self, **inputs: Any) -> dict[str, Any]:
        request = provider_pb2.CreateRequest(urn=self.urn, properties=self.check(**inputs), preview=True)
        return codec.decode(self.stub.Create(request).properties).values

    def create(self, **inputs: Any) -> dict[str, Any]:
        self.inputs = self.check(**inputs)
        made = self.stub.Create(provider_pb2.CreateRequest(urn=self.urn, properties=self.inputs))
        self.id, self.outputs = made.id, made.properties
        return codec.decode(self.outputs).values

    def diff(self, **inputs: Any) -> list[str]:
        """The paths that a preview would show."""
        news = self.check(**inputs)
        old: dict[str, Any] = {"id": self.id, "olds": self.outputs, "old_inputs": self.inputs}
        return sorted(self.stub.Diff(provider_pb2.DiffRequest(urn=self.urn, news=news, **old)).detailedDiff)

    def update(self, **inputs: Any) -> dict[str, Any]:
        news = self.check(**inputs)
        old: dict[str, Any] = {"id": self.id, "olds": self.outputs, "old_inputs": self.inputs}
        self.outputs = self.stub.Update(provider_pb2.UpdateRequest(urn=self.urn, news=news, **old)).properties
        self.inputs = news
        return codec.decode(self.outputs).values

    def refresh(self) -> None:
        old: dict[str, Any] = {"inputs": self.inputs, "properties": self.outputs}
        live = self.stub.Read(provider_pb2.ReadRequest(urn=self.urn, id=self.id, **old))
        self.id, self.inputs, self.outputs = live.id, live.inputs, live.properties

    def delete(self) -> None:
        old: dict[str, Any] = {"old_inputs": self.inputs, "properties": self.outputs}
        self.stub.Delete(provider_pb2.DeleteRequest(urn=self.urn, id=self.id, **old))


def test_life_of_a_service_and_its_variables(serve: Any, cloud: LocalCloud) -> None:
    plugin = serve(*HANDLERS.values(), environ=cloud.environment()).configure()
    service, variables = Resource(plugin, "Service"), Resource(plugin, "Variables")
    settings = {**PLACE, "name": "gateway", "healthcheckTimeout": 100}
    assert service.preview(**settings)["serviceId"] is UNKNOWN
    made = service.create(**settings)
    assert service.diff(**settings) == []

    wanted = {
        **PLACE,
        "serviceId": made["serviceId"],
        "variables": {"PORT": "4000", "HIDDEN": HIDDEN},
        "secrets": {"OPENAI_API_KEY": f"{SECRETS}/OPENAI-API/versions/1"},
    }
    first = variables.create(**wanted)
    assert codec.decode(variables.outputs).secrets == {("variables", "HIDDEN")}
    assert variables.diff(**wanted) == []

    elsewhere = Resource(plugin, "Variables")
    elsewhere.create(
        **{**wanted, "variables": {"PORT": "1"}, "secrets": {"OPENAI_API_KEY": f"{SECRETS}/GEMINI-API/versions/1"}}
    )
    variables.refresh()
    assert variables.diff(**wanted) == ["secrets.OPENAI_API_KEY", "variables.PORT"]
    assert variables.update(**wanted)["revision"] != first["revision"]
    variables.refresh()
    assert variables.diff(**wanted) == []

    assert service.diff(**{**settings, "healthcheckTimeout": 120}) == ["healthcheckTimeout"]
    variables.delete()
    service.delete()
    service.delete()
    service.refresh()
    assert service.id == ""


def test_no_secret_value_is_in_a_state_or_a_message(serve: Any, cloud: LocalCloud) -> None:
    plugin = serve(*HANDLERS.values(), environ=cloud.environment()).configure()
    service = Resource(plugin, "Service")
    made = service.create(**PLACE, name="gateway")
    variables = Resource(plugin, "Variables")
    reference = f"{SECRETS}/OPENAI-API/versions/1"
    variables.create(**PLACE, serviceId=made["serviceId"], secrets={"OPENAI_API_KEY": reference})
    value = cloud.secret_manager.values()["OPENAI-API"]
    seen = f"{variables.inputs}{variables.outputs}{plugin.engine.messages}"
    assert reference in seen
    assert value not in seen
    assert value[:8] not in seen


def test_a_preview_needs_no_token_and_no_payload(serve: Any, cloud: LocalCloud) -> None:
    environ = {**cloud.environment("preview"), "RAILWAY_TOKEN": ""}
    plugin = serve(*HANDLERS.values(), environ=environ).configure(tokenSecret=TOKEN_SECRET)
    cloud.calls.clear()
    assert Resource(plugin, "Service").preview(**PLACE, name="gateway")["revision"] is UNKNOWN
    assert cloud.calls.list() == []
    with pytest.raises(grpc.RpcError) as caught:
        Resource(plugin, "Service").create(**PLACE, name="gateway")
    assert "RAILWAY-API" in str(caught.value.details())
    assert "secretAccessor" in str(caught.value.details())


def test_the_token_is_fetched_once_for_all_calls(serve: Any, cloud: LocalCloud) -> None:
    environ = {**cloud.environment(), "RAILWAY_TOKEN": ""}
    plugin = serve(*HANDLERS.values(), environ=environ).configure(tokenSecret=TOKEN_SECRET)
    cloud.calls.clear()
    with ThreadPoolExecutor() as threads:
        made = threads.map(lambda name: Resource(plugin, "Service").create(**PLACE, name=name), ("one", "two", "three"))
        assert len({outputs["serviceId"] for outputs in made}) == 3
    accesses = [call for call in cloud.calls.list() if call.service == "secret_manager"]
    assert len(accesses) == 1
    messages = json.dumps([message.message for message in plugin.engine.messages])
    assert cloud.keyring.deploy.railway not in messages


def test_without_any_token_the_ways_to_give_one_are_told(serve: Any, cloud: LocalCloud) -> None:
    environ = {**cloud.environment(), "RAILWAY_TOKEN": ""}
    plugin = serve(*HANDLERS.values(), environ=environ).configure()
    with pytest.raises(grpc.RpcError) as caught:
        Resource(plugin, "Service").create(**PLACE, name="gateway")
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    for way in ("RAILWAY_TOKEN", "RAILWAY_API_TOKEN", "tokenSecret"):
        assert way in str(caught.value.details())


def test_a_revoked_token_is_no_sign_that_a_resource_is_gone(serve: Any, cloud: LocalCloud) -> None:
    plugin = serve(*HANDLERS.values(), environ=cloud.environment()).configure()
    service = Resource(plugin, "Service")
    service.create(**PLACE, name="gateway")
    cloud.faults.add(Fault("railway", "serviceInstance", "revoke_token"))
    with pytest.raises(grpc.RpcError) as caught:
        service.refresh()
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert service.id
