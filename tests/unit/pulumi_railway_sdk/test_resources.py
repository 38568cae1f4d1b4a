"""The typed resources as a program uses them: names on the wire, unknowns in previews, `get`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_railway as railway

pytestmark = pytest.mark.unit

PLACE: dict[str, Any] = {"project_id": "p", "environment_id": "e"}
ON_WIRE = {"projectId": "p", "environmentId": "e"}


def test_service(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"serviceId": "s", "revision": "r1"}
    service = railway.Service(
        "gateway",
        **PLACE,
        name="litellm-gateway",
        root_directory="services/litellm-gateway",
        healthcheck_timeout=180,
        restart_policy_type="ON_FAILURE",
        watch_patterns=["services/**"],
        multi_region_config={"us-west2": {"numReplicas": 2}},
        sleep_application=False,
    )
    assert resolve(service.service_id) == "s"
    assert resolve(service.revision) == "r1"
    (registered,) = recorder.resources
    assert (registered.typ, registered.name) == ("railway:index:Service", "gateway")
    assert registered.inputs == {
        **ON_WIRE,
        "name": "litellm-gateway",
        "rootDirectory": "services/litellm-gateway",
        "healthcheckTimeout": 180,
        "restartPolicyType": "ON_FAILURE",
        "watchPatterns": ["services/**"],
        "multiRegionConfig": {"us-west2": {"numReplicas": 2}},
        "sleepApplication": False,
    }
    assert resolve(service.healthcheck_timeout) == 180
    assert isinstance(resolve(service.healthcheck_timeout), int)
    assert resolve(service.multi_region_config) == {"us-west2": {"numReplicas": 2}}


def test_variables_keep_their_names(recorder: Any, resolve: Any) -> None:
    """Keys of maps are the user's: `project_id` stays `project_id`."""
    recorder.outputs = {"fingerprints": {"API_KEY": "hash"}, "revision": "r"}
    variables = railway.Variables(
        "v",
        **PLACE,
        service_id="s",
        variables={"PORT": "4000", "project_id": "kept"},
        secrets={"API_KEY": pulumi.Output.from_input("projects/p/secrets/S/versions/1")},
    )
    assert resolve(variables.fingerprints) == {"API_KEY": "hash"}
    assert recorder.resources[0].inputs == {
        **ON_WIRE,
        "serviceId": "s",
        "variables": {"PORT": "4000", "project_id": "kept"},
        "secrets": {"API_KEY": "projects/p/secrets/S/versions/1"},
    }
    assert resolve(variables.variables) == {"PORT": "4000", "project_id": "kept"}


def test_service_domain(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"domain": "x.up.railway.app", "domainId": "d", "url": "https://x.up.railway.app"}
    domain = railway.ServiceDomain("d", **PLACE, service_id="s", target_port=4000)
    assert resolve(domain.url) == "https://x.up.railway.app"
    assert resolve(domain.domain) == "x.up.railway.app"
    assert recorder.resources[0].inputs == {**ON_WIRE, "serviceId": "s", "targetPort": 4000}


def test_custom_domain(recorder: Any, resolve: Any) -> None:
    record = {"recordType": "CNAME", "fqdn": "api.example.com", "requiredValue": "x.up.railway.app"}
    recorder.outputs = {"domainId": "d", "dnsRecords": [{**record, "hostlabel": "api", "zone": "example.com"}]}
    domain = railway.CustomDomain("d", **PLACE, service_id="s", domain="api.example.com", wait_for_certificate=True)
    assert resolve(domain.domain_id) == "d"
    [found] = resolve(domain.dns_records)
    assert (found.record_type, found.fqdn, found.required_value) == tuple(record.values())
    assert (found.hostlabel, found.zone) == ("api", "example.com")
    inputs = {**ON_WIRE, "serviceId": "s", "domain": "api.example.com", "waitForCertificate": True}
    assert recorder.resources[0].inputs == inputs


def test_volume(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"volumeId": "v", "name": "web-volume", "region": "us-west2"}
    volume = railway.Volume("v", **PLACE, service_id="s", mount_path="/data", allow_destroy=True)
    assert resolve(volume.volume_id) == "v"
    assert (resolve(volume.name), resolve(volume.region)) == ("web-volume", "us-west2")
    assert recorder.resources[0].inputs == {**ON_WIRE, "serviceId": "s", "mountPath": "/data", "allowDestroy": True}


def test_environment(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"environmentId": "e2", "skipInitialDeploys": True}
    made = railway.Environment("e", project_id="p", name="staging", source_environment_id="e", ephemeral=False)
    assert (resolve(made.environment_id), resolve(made.skip_initial_deploys)) == ("e2", True)
    wanted = {"projectId": "p", "name": "staging", "sourceEnvironmentId": "e", "ephemeral": False}
    assert recorder.resources[0].inputs == wanted


def test_deployment_and_its_gate(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"url": "https://x", "deploymentId": "d1", "acceptedAt": "2026-01-01T00:00:00Z"}
    gate = railway.GateArgs(
        command=["python", "-m", "gateway.acceptance", "{url}"],
        environment={"gate_mode": "strict"},
        secrets={"GATEWAY_API_KEY": "projects/p/secrets/S/versions/1"},
        timeout_seconds=300,
    )
    deployment = railway.Deployment(
        "d",
        **PLACE,
        service_id="s",
        repository="o/r",
        branch="main",
        commit="c" * 40,
        endpoint="https://x",
        triggers={"source_tree": "t"},
        gate=gate,
    )
    assert resolve(deployment.deployment_id) == "d1"
    assert resolve(deployment.previous_deployment_id) is None
    inputs = recorder.resources[0].inputs
    assert inputs["triggers"] == {"source_tree": "t"}
    assert inputs["gate"] == {
        "command": ["python", "-m", "gateway.acceptance", "{url}"],
        "environment": {"gate_mode": "strict"},
        "secrets": {"GATEWAY_API_KEY": "projects/p/secrets/S/versions/1"},
        "timeoutSeconds": 300,
    }
    assert resolve(deployment.gate) == inputs["gate"]


def test_provider_holds_a_reference_and_reaches_its_resources(recorder: Any, resolve: Any) -> None:
    reference = "projects/p/secrets/RAILWAY-API/versions/latest"
    provider = railway.Provider("railway", api_url="https://railway.example/", token_secret=reference)
    domain = railway.ServiceDomain(
        "d", **PLACE, service_id="s", target_port=1, opts=pulumi.ResourceOptions(provider=provider)
    )
    assert resolve(provider.token_secret) == reference
    resolve(domain.urn)
    registered = {found.typ: found for found in recorder.resources}
    assert registered["pulumi:providers:railway"].inputs == {
        "apiUrl": "https://railway.example/",
        "tokenSecret": reference,
    }
    assert registered["railway:index:ServiceDomain"].provider.startswith("urn:pulumi:")


def test_a_secret_input_stays_secret(recorder: Any, resolve: Any) -> None:
    variables = railway.Variables("v", **PLACE, service_id="s", variables={"A": pulumi.Output.secret("hidden")})
    resolve(variables.urn)
    assert asyncio.get_event_loop().run_until_complete(variables.variables.is_secret())


def test_get_reads_by_id_and_sends_no_inputs(recorder: Any, resolve: Any) -> None:
    recorder.outputs = {"serviceId": "s", "name": "n", "revision": "r"}
    service = railway.Service.get("existing", "p/e/s")
    assert isinstance(service, railway.Service)
    assert resolve(service.service_id) == "s"
    (read,) = recorder.resources
    assert (read.typ, read.resource_id, read.inputs) == ("railway:index:Service", "p/e/s", {})


@pytest.mark.parametrize(
    ("resource", "more"),
    [
        (railway.Service, {"name": "n"}),
        (railway.Variables, {"service_id": "s"}),
        (railway.ServiceDomain, {"service_id": "s", "target_port": 1}),
        (railway.CustomDomain, {"service_id": "s", "domain": "api.example.com"}),
        (railway.Volume, {"service_id": "s", "mount_path": "/data"}),
    ],
)
def test_every_declared_output_resolves(
    recorder: Any, resolve: Any, resource: type[pulumi.CustomResource], more: dict[str, Any]
) -> None:
    """What the provider has not answered is unknown in a preview and None in a run, never missing."""
    made = resource("r", **PLACE, **more)
    for name in resource.__annotations__:
        output = getattr(made, name)
        assert isinstance(output, pulumi.Output), name
        resolve(output)


def test_the_example_of_the_readme(recorder: Any, resolve: Any, root: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (root / "pulumi_railway/README.md").read_text("utf-8"), re.DOTALL)
    program: dict[str, Any] = {}
    exec(example, program)  # noqa: S102 - our own text
    resolve(program["deployment"].urn)
    assert {registered.typ for registered in recorder.resources} >= {
        f"railway:index:{name}" for name in ("Service", "Variables", "ServiceDomain", "Deployment")
    }


def test_inputs_are_checked_by_name() -> None:
    with pytest.raises(TypeError, match="projectid"):
        railway.Service("s", projectid="p")  # type: ignore[call-arg]


def test_the_package_offers_its_names_and_no_others() -> None:
    assert all(getattr(railway, name) is not None for name in railway.__all__)
    assert set(railway.__all__) == set(railway._MODULES) == set(dir(railway))
    with pytest.raises(AttributeError, match="Bucket"):
        _ = railway.Bucket
