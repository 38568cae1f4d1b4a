"""Volumes: made, moved, kept by deployments, deleted with what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway import Speed

from .conftest import ENVIRONMENT, PROJECT

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

Until = Callable[[Callable[[], Any]], Any]

CREATE = "mutation($input: VolumeCreateInput!) { volumeCreate(input: $input) { id name } }"
RENAME = """mutation($id: String!, $input: VolumeUpdateInput!) {
    volumeUpdate(volumeId: $id, input: $input) { name } }"""
MOVE = """mutation($id: String!, $environment: String, $input: VolumeInstanceUpdateInput!) {
    volumeInstanceUpdate(volumeId: $id, environmentId: $environment, input: $input) }"""
DELETE = "mutation($id: String!) { volumeDelete(volumeId: $id) }"
INSTANCES = """query($id: String!) { environment(id: $id) { volumeInstances { edges { node {
    volumeId serviceId mountPath region state deletedAt isPendingDeletion volume { name }
    environment { id } } } } } }"""
VOLUMES = "query($id: String!) { project(id: $id) { volumes { edges { node { id name project { id } } } } } }"
TAKEN = "A volume is already attached to this service"


def create(cloud: Cloud, **given: Any) -> dict[str, Any]:
    return dict(cloud.api.data(CREATE, input={"projectId": PROJECT, "mountPath": "/data", **given})["volumeCreate"])


def attached(cloud: Cloud, service: str, **given: Any) -> dict[str, Any]:
    return create(cloud, environmentId=ENVIRONMENT, serviceId=service, **given)


def instances(cloud: Cloud) -> list[dict[str, Any]]:
    edges = cloud.api.data(INSTANCES, id=ENVIRONMENT)["environment"]["volumeInstances"]["edges"]
    return [edge["node"] for edge in edges]


def volumes(cloud: Cloud) -> list[str]:
    edges = cloud.api.data(VOLUMES, id=PROJECT)["project"]["volumes"]["edges"]
    return [edge["node"]["id"] for edge in edges]


def test_a_volume_is_attached_to_a_service(cloud: Cloud) -> None:
    service = cloud.create_service()
    volume = attached(cloud, service, region="europe-west4")
    assert volumes(cloud) == [volume["id"]]
    assert instances(cloud) == [
        {
            "volumeId": volume["id"],
            "serviceId": service,
            "mountPath": "/data",
            "region": "europe-west4",
            "state": "READY",
            "deletedAt": None,
            "isPendingDeletion": False,
            "volume": {"name": volume["name"]},
            "environment": {"id": ENVIRONMENT},
        }
    ]


def test_without_an_environment_it_has_no_instance(cloud: Cloud) -> None:
    volume = create(cloud, serviceId=cloud.create_service())
    assert volumes(cloud) == [volume["id"]]
    assert instances(cloud) == []


def test_a_service_has_one_volume_at_most(cloud: Cloud) -> None:
    service, other = cloud.create_service(), cloud.create_service("other")
    attached(cloud, service)
    given = {"projectId": PROJECT, "mountPath": "/more", "environmentId": ENVIRONMENT, "serviceId": service}
    assert cloud.api.error(CREATE, input=given) == TAKEN
    second = attached(cloud, other)
    move = {"id": second["id"], "environment": ENVIRONMENT, "input": {"serviceId": service}}
    assert cloud.api.error(MOVE, **move) == TAKEN
    assert [each["serviceId"] for each in instances(cloud)] == [service, other]


def test_name_mount_path_and_service_change_in_place(cloud: Cloud) -> None:
    service, other = cloud.create_service(), cloud.create_service("other")
    volume = attached(cloud, service)["id"]
    assert cloud.api.data(RENAME, id=volume, input={"name": "ledger"}) == {"volumeUpdate": {"name": "ledger"}}
    moved = {"serviceId": other, "mountPath": "/ledger"}
    assert cloud.api.data(MOVE, id=volume, environment=ENVIRONMENT, input=moved) == {"volumeInstanceUpdate": True}
    (found,) = instances(cloud)
    assert (found["serviceId"], found["mountPath"], found["volume"]["name"]) == (other, "/ledger", "ledger")


def test_without_a_service_it_is_detached(cloud: Cloud) -> None:
    volume = attached(cloud, cloud.create_service())["id"]
    cloud.api.data(MOVE, id=volume, input={"mountPath": "/elsewhere"})
    (found,) = instances(cloud)
    assert (found["serviceId"], found["mountPath"]) == (None, "/elsewhere")


def test_a_deleted_service_leaves_its_volume(cloud: Cloud) -> None:
    service = cloud.create_service()
    volume = attached(cloud, service)["id"]
    cloud.railway.delete_service(service)
    (found,) = instances(cloud)
    assert (found["volumeId"], found["serviceId"], found["state"]) == (volume, None, "READY")


def test_a_deleted_volume_is_listed_for_a_moment(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    volume = attached(cloud, service)["id"]
    cloud.railway.world.speed = Speed(step=1.5)
    assert cloud.api.data(DELETE, id=volume) == {"volumeDelete": True}
    (found,) = instances(cloud)
    assert (found["state"], found["isPendingDeletion"]) == ("DELETING", True)
    assert found["deletedAt"]
    assert cloud.api.error(DELETE, id=volume) == "Volume not found"
    assert attached(cloud, service)["id"] != volume
    until(lambda: volume not in volumes(cloud))


def test_files_outlive_deployments_and_end_with_the_volume(cloud: Cloud, until: Until) -> None:
    service, domain, _ = cloud.launched()
    volume = attached(cloud, service)
    cloud.await_status(cloud.deploy(service), "SUCCESS")
    variables = cloud.serving(domain, "one")["env"]
    assert variables["RAILWAY_VOLUME_NAME"] == volume["name"]
    directory = Path(variables["RAILWAY_VOLUME_MOUNT_PATH"])
    (directory / "ledger").write_text("spent")
    cloud.await_status(cloud.deploy(service), "SUCCESS")
    assert (directory / "ledger").read_text() == "spent"
    cloud.api.data(DELETE, id=volume["id"])
    until(lambda: not directory.exists())


@pytest.mark.parametrize("path", ["", "data"])
def test_a_mount_path_is_absolute(cloud: Cloud, path: str) -> None:
    service = cloud.create_service()
    given = {"projectId": PROJECT, "mountPath": path, "environmentId": ENVIRONMENT, "serviceId": service}
    assert cloud.api.error(CREATE, input=given) == "Invalid input"
    volume = attached(cloud, service)["id"]
    assert cloud.api.error(MOVE, id=volume, input={"serviceId": service, "mountPath": path}) == "Invalid input"
    assert instances(cloud)[0]["mountPath"] == "/data"


def test_an_unknown_volume_is_not_found(cloud: Cloud) -> None:
    assert cloud.api.error(DELETE, id="unknown") == "Volume not found"
    for query in (RENAME, MOVE):
        assert cloud.api.error(query, id="unknown", input={}) == "Volume not found"


def test_a_volume_has_a_name(cloud: Cloud) -> None:
    volume = attached(cloud, cloud.create_service())["id"]
    assert cloud.api.error(RENAME, id=volume, input={"name": ""}) == "Invalid input"
