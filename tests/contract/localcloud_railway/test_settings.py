"""Settings of an instance: omitted keeps, null clears, nothing deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
UPDATE = """mutation($service: String!, $environment: String, $input: ServiceInstanceUpdateInput!) {
    serviceInstanceUpdate(serviceId: $service, environmentId: $environment, input: $input) }"""
# every setting that can be read back: a value, and what it is after null
SETTINGS: dict[str, tuple[Any, Any]] = {
    "rootDirectory": ("services/web", None),
    "builder": ("NIXPACKS", "RAILPACK"),
    "buildCommand": ("make", None),
    "dockerfilePath": ("other/Dockerfile", None),
    "railwayConfigFile": ("/railway.toml", None),
    "watchPatterns": (["a/**"], []),
    "healthcheckPath": ("/health", None),
    "healthcheckTimeout": (30, None),
    "restartPolicyType": ("ALWAYS", "ON_FAILURE"),
    "restartPolicyMaxRetries": (3, 10),
    "numReplicas": (2, None),
    "sleepApplication": (True, None),
    "cronSchedule": ("0 3 * * *", None),
    "startCommand": ("python x.py", None),
    "preDeployCommand": (["a", "b"], None),
    "overlapSeconds": (5, None),
    "drainingSeconds": (6, None),
    "ipv6EgressEnabled": (True, None),
    "nixpacksPlan": ({"a": [1]}, None),
}


def read(cloud: Cloud, service: str) -> dict[str, Any]:
    query = f"""query($environment: String!, $service: String!) {{
        serviceInstance(environmentId: $environment, serviceId: $service) {{ {" ".join(SETTINGS)} region }} }}"""
    return dict(cloud.api.data(query, environment=ENVIRONMENT, service=service)["serviceInstance"])


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_written_kept_and_cleared(cloud: Cloud, name: str) -> None:
    service = cloud.create_service()
    value, cleared = SETTINGS[name]
    fresh = read(cloud, service)
    assert fresh[name] == cleared
    cloud.configure(service, **{name: value})
    assert read(cloud, service) == {**fresh, name: value}
    other = "buildCommand" if name != "buildCommand" else "startCommand"
    cloud.configure(service, **{other: "x"})
    assert read(cloud, service)[name] == value
    cloud.configure(service, **{name: None, other: None})
    assert read(cloud, service) == fresh
    assert cloud.railway.deployments() == []


def test_a_region_is_ignored_and_regions_are_told_by_the_config(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.configure(service, region="us-west1", multiRegionConfig={"us-west1": {"numReplicas": 2}})
    assert read(cloud, service)["region"] is None
    query = "query($id: String!) { environment(id: $id) { config } }"
    config = cloud.api.data(query, id=ENVIRONMENT)["environment"]["config"]
    assert config["services"][service]["deploy"]["multiRegionConfig"] == {"us-west1": {"numReplicas": 2}}


@pytest.mark.parametrize(
    "given",
    [{"numReplicas": 0}, {"healthcheckTimeout": -1}, {"healthcheckPath": "health"}, {"source": {"repo": "a/b"}}],
)
def test_what_cannot_be_is_refused_and_changes_nothing(cloud: Cloud, given: dict[str, Any]) -> None:
    service = cloud.create_service()
    before = read(cloud, service)
    error = cloud.api.error(UPDATE, service=service, environment=ENVIRONMENT, input={"buildCommand": "x", **given})
    assert error == "Invalid input"
    assert read(cloud, service) == before


def test_it_says_true_also_where_there_is_no_instance(cloud: Cloud) -> None:
    cloud.railway.seed({"forks": ["preview"]})
    fork = next(iter(set(cloud.railway.world.environments) - {ENVIRONMENT}))
    service = cloud.create_service()
    given = {"buildCommand": "x"}
    assert cloud.account.data(UPDATE, service=service, environment=fork, input=given)["serviceInstanceUpdate"]
    assert read(cloud, service)["buildCommand"] is None
    assert cloud.account.data(UPDATE, service=service, environment=None, input=given)["serviceInstanceUpdate"]
    assert read(cloud, service)["buildCommand"] == "x"


def test_a_health_path_before_the_first_deployment_may_be_refused(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.railway.seed({"behaviour": {"refuse_early_healthcheck": True}})
    given = {"healthcheckPath": "/health"}
    assert cloud.api.error(UPDATE, service=service, environment=ENVIRONMENT, input=given) == "Invalid input"
    cloud.connect(service)
    cloud.configure(service, **given)
    assert read(cloud, service)["healthcheckPath"] == "/health"


def test_a_source_without_a_connection_deploys_nothing_and_has_no_trigger(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.configure(service, source={"repo": "acme/shop"})
    assert cloud.railway.deployments() == []
    assert cloud.railway.push() == []
    cloud.deploy(service)
    assert cloud.railway.deployments()[0]["commit"] == cloud.repository.first


def test_reads_may_lag_behind_writes(cloud: Cloud, until: Any) -> None:
    service = cloud.create_service()
    cloud.railway.seed({"behaviour": {"read_lag": 0.4}})
    cloud.configure(service, buildCommand="x")
    cloud.set_variables(service, A="1")
    assert (read(cloud, service)["buildCommand"], cloud.variables(service)) == (None, {})
    until(lambda: read(cloud, service)["buildCommand"] == "x" and cloud.variables(service) == {"A": "1"})
