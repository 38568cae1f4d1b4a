"""Environments: made empty or as a copy, renamed, deleted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway import Speed

from .conftest import ENVIRONMENT, PROJECT

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

Until = Callable[[Callable[[], Any]], Any]

CREATE = """mutation($input: EnvironmentCreateInput!) {
    environmentCreate(input: $input) { id name isEphemeral sourceEnvironment { id } } }"""
RENAME = """mutation($id: String!, $input: EnvironmentRenameInput!) {
    environmentRename(id: $id, input: $input) { name } }"""
DELETE = "mutation($id: String!) { environmentDelete(id: $id) }"
INSTANCES = """query($id: String!) { environment(id: $id) { serviceInstances { edges { node {
    serviceId startCommand } } } } }"""
VOLUMES = "query($id: String!) { environment(id: $id) { volumeInstances { edges { node { volumeId mountPath } } } } }"
VOLUME_CREATE = "mutation($input: VolumeCreateInput!) { volumeCreate(input: $input) { id } }"
VARIABLES = """query($project: String!, $environment: String!, $service: String!) {
    variables(projectId: $project, environmentId: $environment, serviceId: $service, unrendered: true) }"""
NAMES = "query($id: String!) { environments(projectId: $id) { edges { node { name } } } }"


def create(cloud: Cloud, name: str = "staging", **given: Any) -> dict[str, Any]:
    found = cloud.account.data(CREATE, input={"projectId": PROJECT, "name": name, **given})
    return dict(found["environmentCreate"])


def names(cloud: Cloud) -> list[str]:
    edges = cloud.account.data(NAMES, id=PROJECT)["environments"]["edges"]
    return [edge["node"]["name"] for edge in edges]


def instances(cloud: Cloud, environment: str) -> list[dict[str, Any]]:
    edges = cloud.account.data(INSTANCES, id=environment)["environment"]["serviceInstances"]["edges"]
    return [edge["node"] for edge in edges]


def volumes(cloud: Cloud, environment: str) -> list[dict[str, Any]]:
    edges = cloud.account.data(VOLUMES, id=environment)["environment"]["volumeInstances"]["edges"]
    return [edge["node"] for edge in edges]


def started(cloud: Cloud, environment: str) -> list[str]:
    return [each["reason"] for each in cloud.railway.deployments() if each["environmentId"] == environment]


def test_an_empty_environment(cloud: Cloud) -> None:
    cloud.create_service()
    made = create(cloud)
    assert (made["name"], made["isEphemeral"], made["sourceEnvironment"]) == ("staging", False, None)
    assert names(cloud) == ["production", "staging"]
    assert instances(cloud, made["id"]) == []


def test_a_copy_is_there_before_its_instances(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    cloud.configure(service, startCommand="serve")
    cloud.set_variables(service, A="1")
    cloud.railway.world.speed = Speed(step=1.5)
    made = create(cloud, sourceEnvironmentId=ENVIRONMENT, ephemeral=False)
    assert (made["isEphemeral"], made["sourceEnvironment"]) == (False, {"id": ENVIRONMENT})
    assert instances(cloud, made["id"]) == []
    until(lambda: instances(cloud, made["id"]) == [{"serviceId": service, "startCommand": "serve"}])
    place = {"project": PROJECT, "environment": made["id"], "service": service}
    assert cloud.account.data(VARIABLES, **place) == {"variables": {"A": "1"}}
    cloud.set_variables(service, A="2")
    assert cloud.account.data(VARIABLES, **place) == {"variables": {"A": "1"}}


@pytest.mark.parametrize(("skip", "expected"), [(True, []), (False, ["deploy"])])
def test_a_copy_deploys_unless_it_is_told_not_to(cloud: Cloud, until: Until, skip: bool, expected: list[str]) -> None:
    cloud.launched()
    made = create(cloud, sourceEnvironmentId=ENVIRONMENT, skipInitialDeploys=skip)
    until(lambda: instances(cloud, made["id"]))
    assert started(cloud, made["id"]) == expected
    assert {each.environment_id for each in cloud.railway.world.triggers.values()} == {ENVIRONMENT, made["id"]}
    cloud.account.data(DELETE, id=made["id"])
    assert {each.environment_id for each in cloud.railway.world.triggers.values()} == {ENVIRONMENT}


def test_it_is_renamed_and_deleted(cloud: Cloud, until: Until) -> None:
    service, domain, _ = cloud.launched()
    made = create(cloud, sourceEnvironmentId=ENVIRONMENT, skipInitialDeploys=True)["id"]
    until(lambda: instances(cloud, made))
    assert cloud.account.data(RENAME, id=made, input={"name": "next"}) == {"environmentRename": {"name": "next"}}
    assert names(cloud) == ["production", "next"]
    assert cloud.account.data(DELETE, id=made) == {"environmentDelete": True}
    assert names(cloud) == ["production"]
    assert cloud.account.error(DELETE, id=made) == "Not Authorized"
    assert [each["serviceId"] for each in instances(cloud, ENVIRONMENT)] == [service]
    assert cloud.serving(domain, "one")


def test_the_default_environment_stays(cloud: Cloud) -> None:
    assert cloud.account.error(DELETE, id=ENVIRONMENT) == "Cannot delete the base environment"
    assert names(cloud) == ["production"]


def test_a_project_token_makes_none(cloud: Cloud) -> None:
    assert cloud.api.error(CREATE, input={"projectId": PROJECT, "name": "staging"}) == "Not Authorized"
    assert names(cloud) == ["production"]


def test_a_name_is_not_empty(cloud: Cloud) -> None:
    assert cloud.account.error(CREATE, input={"projectId": PROJECT, "name": " "}) == "Invalid input"
    made = create(cloud)["id"]
    assert cloud.account.error(RENAME, id=made, input={"name": ""}) == "Invalid input"


def test_its_volumes_go_with_it(cloud: Cloud, until: Until) -> None:
    made = create(cloud)["id"]
    given = {"projectId": PROJECT, "environmentId": made, "mountPath": "/data"}
    cloud.account.data(VOLUME_CREATE, input=given)
    cloud.account.data(DELETE, id=made)
    until(lambda: not cloud.railway.world.volumes)


def test_a_volume_of_another_environment_stays_with_its_files(cloud: Cloud, until: Until) -> None:
    given = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "mountPath": "/data"}
    volume = cloud.account.data(VOLUME_CREATE, input={**given, "serviceId": cloud.create_service()})["volumeCreate"]
    [original] = cloud.railway.world.volume_instances.values()
    (original.directory / "ledger").write_text("spent")
    made = create(cloud, sourceEnvironmentId=ENVIRONMENT, skipInitialDeploys=True)["id"]
    until(lambda: volumes(cloud, made))
    assert volumes(cloud, made) == volumes(cloud, ENVIRONMENT) == [{"volumeId": volume["id"], "mountPath": "/data"}]
    copy = next(each for each in cloud.railway.world.volume_instances.values() if each is not original)
    assert list(copy.directory.iterdir()) == [], "the data is not copied"
    cloud.account.data(DELETE, id=made)
    assert not copy.directory.exists()
    assert [each["volumeId"] for each in volumes(cloud, ENVIRONMENT)] == [volume["id"]]
    assert cloud.railway.world.volumes[volume["id"]].deleted_at is None
    assert (original.directory / "ledger").read_text() == "spent"


def test_a_copy_may_stay_empty_for_longer(cloud: Cloud, until: Until) -> None:
    cloud.create_service()
    cloud.railway.seed({"behaviour": {"copy_lag": 0.4}})
    begun = time.monotonic()
    slow = create(cloud, sourceEnvironmentId=ENVIRONMENT)["id"]
    until(lambda: instances(cloud, slow))
    assert time.monotonic() - begun >= 0.4


def test_one_creation_of_a_kind_in_an_interval(cloud: Cloud) -> None:
    now = 100.0
    cloud.railway.world.creations.clock = lambda: now
    cloud.railway.seed({"behaviour": {"creation_interval": 30}})
    create(cloud, "first")
    given = {"projectId": PROJECT, "name": "second"}
    told = "You are creating environments too quickly. This workspace allows 1 environment per 30 seconds."
    now = 129.0
    assert cloud.account.error(CREATE, input=given) == told
    volume = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "mountPath": "/data"}
    cloud.account.data(VOLUME_CREATE, input=volume)
    assert "1 volume per 30 seconds" in cloud.account.error(VOLUME_CREATE, input=volume)
    now = 158.0
    assert cloud.account.error(CREATE, input=given) == told, "what was refused counts too"
    assert names(cloud) == ["production", "first"]
    now = 188.0
    create(cloud, "second")
    cloud.railway.reset()
    cloud.railway.seed({"behaviour": {"creation_interval": 30}})
    create(cloud, "second")
