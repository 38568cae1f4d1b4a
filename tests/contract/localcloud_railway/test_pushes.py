"""What a push deploys, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
STATUS = """query($projectId: String!, $environmentId: String!, $serviceId: String!) {
    serviceInstanceAutoDeployStatus(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) {
        enabled canEnable reason } }"""
SWITCH = """mutation($input: ServiceInstanceAutoDeployUpdateInput!) {
    serviceInstanceAutoDeployUpdate(input: $input) { enabled } }"""
ENABLED = {"enabled": True, "canEnable": True, "reason": None}
Until = Callable[..., Any]


def test_a_push_deploys_the_head(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    commit = cloud.repository.release("two")
    (deployment,) = cloud.railway.push()
    cloud.await_status(deployment, "SUCCESS")
    assert cloud.serving(domain, "two")["env"]["RAILWAY_GIT_COMMIT_SHA"] == commit
    assert cloud.deployments(service)[0]["meta"]["reason"] == "push"


def test_a_push_that_changes_nothing_watched_is_skipped(cloud: Cloud, until: Until) -> None:
    service, domain, first = cloud.launched()
    cloud.configure(service, watchPatterns=["/services/web/**", "!*.md"])
    cloud.repository.write("notes.md", "nothing that runs")
    cloud.repository.commit("notes")
    (skipped,) = cloud.railway.push()
    until(lambda: cloud.deployment(skipped)["status"] == "SKIPPED")
    found = cloud.deployment(skipped)
    assert (found["snapshotId"], found["canRedeploy"], found["canRollback"]) == (None, False, False)
    redeploy = """mutation($service: String!, $environment: String!) {
        serviceInstanceRedeploy(serviceId: $service, environmentId: $environment) }"""
    assert cloud.api.error(redeploy, service=service, environment=ENVIRONMENT) == "Cannot redeploy without a snapshot"
    assert cloud.serving(domain, "one")["env"]["RAILWAY_DEPLOYMENT_ID"] == first
    cloud.repository.release("two")
    (second,) = cloud.railway.push()
    cloud.await_status(second, "SUCCESS")
    assert cloud.serving(domain, "two")


def test_quick_pushes_become_one_deployment_of_the_newest(cloud: Cloud, until: Until) -> None:
    service, domain, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"push_window": 1.0}})
    for version in ("two", "three"):
        cloud.repository.release(version)
        assert cloud.railway.push() == []
    until(lambda: len(cloud.deployments(service)) == 2)
    assert cloud.serving(domain, "three")
    assert [each["reason"] for each in cloud.railway.deployments()] == ["deploy", "push"]


def test_a_push_deploys_nothing_where_that_is_switched_off(cloud: Cloud) -> None:
    service, _, _ = cloud.launched()
    place = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "serviceId": service}
    assert cloud.api.data(STATUS, **place)["serviceInstanceAutoDeployStatus"] == ENABLED
    switched = cloud.api.data(SWITCH, input={**place, "enabled": False})
    assert switched == {"serviceInstanceAutoDeployUpdate": {"enabled": False}}
    assert cloud.railway.push() == []
    assert cloud.api.data(STATUS, **place)["serviceInstanceAutoDeployStatus"] == {**ENABLED, "enabled": False}
    assert len(cloud.railway.deploy_by_hand()) == 1


def test_without_a_repository_no_push_can_be_followed(cloud: Cloud) -> None:
    place = {"projectId": PROJECT, "environmentId": ENVIRONMENT, "serviceId": cloud.create_service()}
    status = cloud.api.data(STATUS, **place)["serviceInstanceAutoDeployStatus"]
    assert status == {"enabled": False, "canEnable": False, "reason": "No repository is connected"}
    assert cloud.api.error(SWITCH, input={**place, "enabled": True}) == "Service has no connected repository"
