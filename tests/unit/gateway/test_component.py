"""The component: its tree, the order its parts depend on each other, and that it holds references and no value."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from gateway import component
from gateway.redis import Redis, RedisArgs
from gateway.variables import CLIENT_KEYS, MASTER_KEY, REQUIRED_SECRETS, plan

pytestmark = pytest.mark.unit

REFERENCES = {name: f"projects/p/secrets/{name}/versions/3" for name in REQUIRED_SECRETS}
OUTPUTS: dict[str, dict[str, Any]] = {
    "railway:index:Service": {"serviceId": "s-1", "revision": "r-1"},
    "railway:index:Variables": {"revision": "r-2", "fingerprints": {}},
    "railway:index:ServiceDomain": {"domainId": "d-1", "domain": "gateway.example", "url": "https://gateway.example"},
    "railway:index:Volume": {"volumeId": "v-1"},
    "railway:index:Deployment": {"deploymentId": "dep-1", "url": "https://gateway.example"},
}


class Recorder(mocks.Mocks):
    """Remembers each registration; answers with the outputs above."""

    def __init__(self) -> None:
        self.resources: dict[str, mocks.MockResourceArgs] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources[args.typ] = args
        return f"{args.name}-id", {**args.inputs, **OUTPUTS.get(args.typ, {})}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the component called {args.token}")


def arguments(
    *,
    adopt: bool = False,
    published_url: str | None = None,
    replicas: int = 1,
    volume_path: str = "",
    redis_service: str = "",
    budget_key: str | None = None,
) -> component.LiteLLMGatewayArgs:
    return component.LiteLLMGatewayArgs(
        project_id="project",
        environment_id="environment",
        source=component.SourceArgs("owner/name", "main", "services/gateway", "c" * 40, "tree-1"),
        service=component.ServiceArgs("gateway", adopt, 4000, "/health", 180, 30, 10, replicas, volume_path),
        variables=plan(
            4000,
            REFERENCES,
            draining_seconds=30,
            workers=2,
            volume=bool(volume_path),
            redis_service=redis_service,
        ),
        acceptance_timeout=300,
        url_variable="GATEWAY_URL",
        published_url=published_url,
        budget_key=budget_key,
    )


def declare(recorder: Recorder, *, preview: bool, **given: Any) -> None:
    """Declare a gateway and wait until everything is registered."""
    mocks.set_mocks(recorder, preview=preview)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        component.LiteLLMGateway("gateway", arguments(**given))

    program()


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def recorder(request: pytest.FixtureRequest, sdk_loops: None) -> Recorder:
    found = Recorder()
    declare(found, preview=request.param)
    return found


def test_the_tree_is_the_one_people_know(recorder: Recorder) -> None:
    names = {kind: args.name for kind, args in recorder.resources.items() if not kind.startswith("pulumi:")}
    assert names == {
        "gateway:index:LiteLLMGateway": "gateway",
        "railway:index:Service": "gateway",
        "railway:index:Variables": "gateway-variables",
        "railway:index:ServiceDomain": "gateway-domain",
        "railway:index:Deployment": "gateway-deployment",
        "github:index/actionsVariable:ActionsVariable": "gateway-url",
    }


def test_variables_hold_references(recorder: Recorder) -> None:
    inputs = recorder.resources["railway:index:Variables"].inputs
    assert inputs["variables"] == {"PORT": "4000", "GATEWAY_WORKERS": "2", "GATEWAY_DRAINING_SECONDS": "30"}
    assert inputs["secrets"] == REFERENCES


@pytest.mark.parametrize("more", [{}, {CLIENT_KEYS: "projects/p/secrets/clients/versions/1"}])
def test_the_list_of_clients_is_judged_where_there_is_one(more: dict[str, str]) -> None:
    planned = plan(4000, {**REFERENCES, **more}, draining_seconds=30)
    assert planned.secrets == {**REFERENCES, **more}
    assert planned.secret_prefixes == {MASTER_KEY: "sk-", **dict.fromkeys(more, "[")}


def test_the_deployment_waits_for_everything_it_captures(recorder: Recorder) -> None:
    inputs = recorder.resources["railway:index:Deployment"].inputs
    assert inputs["triggers"] == {"source": "tree-1", "service": "r-1", "variables": "r-2"}
    assert inputs["endpoint"] == "https://gateway.example"
    assert (inputs["repository"], inputs["branch"], inputs["commit"]) == ("owner/name", "main", "c" * 40)


def test_the_gate_gets_the_key_by_reference(recorder: Recorder) -> None:
    gate = recorder.resources["railway:index:Deployment"].inputs["gate"]
    assert gate["command"] == ["python", "-m", "gateway.acceptance", "{url}"]
    assert gate["secrets"] == {"GATEWAY_API_KEY": REFERENCES[MASTER_KEY]}
    assert gate["timeoutSeconds"] == 300


def test_the_url_that_is_published_is_the_deployments(recorder: Recorder) -> None:
    inputs = recorder.resources["github:index/actionsVariable:ActionsVariable"].inputs
    assert inputs == {"repository": "name", "variableName": "GATEWAY_URL", "value": "https://gateway.example"}


def test_adoption_is_passed_on(sdk_loops: None) -> None:
    found = Recorder()
    declare(found, preview=False, adopt=True)
    assert found.resources["railway:index:Service"].inputs["adopt"] is True


@pytest.mark.parametrize(
    ("holds", "imported"), [("https://gateway.example", "name:GATEWAY_URL"), ("https://other.example", ""), (None, "")]
)
def test_a_variable_that_holds_the_url_already_is_imported(sdk_loops: None, holds: str | None, imported: str) -> None:
    found = Recorder()
    declare(found, preview=False, published_url=holds)
    assert (found.resources["github:index/actionsVariable:ActionsVariable"].resource_id or "") == imported


def test_a_volume_is_there_before_the_deployment_and_goes_with_the_gateway(sdk_loops: None) -> None:
    found = Recorder()
    declare(found, preview=False, volume_path="/data")
    volume = found.resources["railway:index:Volume"]
    assert (volume.name, volume.inputs["mountPath"], volume.inputs["allowDestroy"]) == ("gateway-volume", "/data", True)
    assert found.resources["railway:index:Deployment"].inputs["triggers"]["volume"] == "v-1"
    assert found.resources["railway:index:Variables"].inputs["variables"]["RAILWAY_RUN_UID"] == "0"


def test_the_volume_of_a_service_that_is_taken_over_is_not_deleted(sdk_loops: None) -> None:
    found = Recorder()
    declare(found, preview=False, adopt=True, volume_path="/data")
    assert found.resources["railway:index:Volume"].inputs["allowDestroy"] is False


def test_replicas_refer_to_the_redis_they_share(sdk_loops: None) -> None:
    found = Recorder()
    declare(found, preview=False, replicas=3, redis_service="Redis")
    assert found.resources["railway:index:Service"].inputs["numReplicas"] == 3
    assert found.resources["railway:index:Variables"].inputs["variables"]["REDIS_URL"] == "${{Redis.REDIS_URL}}"
    assert "railway:index:Volume" not in found.resources


def test_a_redis_is_reached_by_its_variable_and_keeps_its_password_as_a_reference(sdk_loops: None) -> None:
    found = Recorder()
    mocks.set_mocks(found, preview=False)
    source = component.SourceArgs("owner/name", "main", "services/redis", "c" * 40, "tree-2")

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        Redis(RedisArgs("project", "environment", source, "ledger", "projects/p/secrets/R/versions/1"))

    program()
    inputs = {kind: args.inputs for kind, args in found.resources.items()}
    assert inputs["railway:index:Variables"]["variables"] == {
        "PORT": "6379",
        "REDIS_URL": "redis://default:${{REDIS_PASSWORD}}@${{RAILWAY_PRIVATE_DOMAIN}}:${{PORT}}",
    }
    assert inputs["railway:index:Variables"]["secrets"] == {"REDIS_PASSWORD": "projects/p/secrets/R/versions/1"}
    assert inputs["railway:index:Volume"]["mountPath"] == "/data"
    deployment = inputs["railway:index:Deployment"]
    assert deployment["triggers"] == {"source": "tree-2", "service": "r-1", "variables": "r-2", "volume": "v-1"}
    assert not {"endpoint", "gate"} & set(deployment)


def test_the_gate_tries_a_budget_with_the_key_it_is_given(sdk_loops: None) -> None:
    found = Recorder()
    declare(found, preview=False, budget_key="projects/p/secrets/K/versions/2")
    secrets = found.resources["railway:index:Deployment"].inputs["gate"]["secrets"]
    assert secrets["GATEWAY_BUDGET_KEY"] == "projects/p/secrets/K/versions/2"
