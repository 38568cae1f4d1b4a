"""What is asked of a deployment that is there: roll back, redeploy, remove, stop, restart, approve, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
Until = Callable[..., Any]


def order(cloud: Cloud, mutation: str, deployment: str) -> Any:
    return cloud.api.data(f"mutation($id: String!) {{ {mutation}(id: $id) }}", id=deployment)[mutation]


def refusal(cloud: Cloud, mutation: str, deployment: str) -> str:
    return cloud.api.error(f"mutation($id: String!) {{ {mutation}(id: $id) }}", id=deployment)


def test_an_image_is_kept_for_a_while_only(cloud: Cloud, until: Until) -> None:
    service, _, first = cloud.launched()
    second = cloud.deploy(service)
    cloud.await_status(second, "SUCCESS")
    until(lambda: cloud.deployment(first)["status"] == "REMOVED")
    assert cloud.deployment(first)["canRollback"]
    cloud.railway.seed({"behaviour": {"image_retention": 0}})
    assert not cloud.deployment(first)["canRollback"]
    assert refusal(cloud, "deploymentRollback", first) == "Deployment cannot be rolled back to"
    assert cloud.deployment(second)["status"] == "SUCCESS"


def test_a_rollback_brings_back_image_and_variables(cloud: Cloud) -> None:
    service, domain, first = cloud.launched(COLOUR="red")
    assert refusal(cloud, "deploymentRollback", first) == "Deployment cannot be rolled back to", "it is live"
    cloud.set_variables(service, COLOUR="blue", EXTRA="1")
    second = cloud.deploy(service, cloud.repository.release("two"))
    cloud.await_status(second, "SUCCESS")
    cloud.await_status(first, "REMOVED")
    assert order(cloud, "deploymentRollback", first) is True
    third = cloud.deployments(service)[0]
    assert third["id"] not in {first, second}
    assert third["meta"]["reason"] == "rollback"
    cloud.await_status(third["id"], "SUCCESS")
    found = cloud.serving(domain, "one")["env"]
    assert (found["COLOUR"], found["RAILWAY_DEPLOYMENT_ID"]) == ("red", third["id"])
    assert found["RAILWAY_GIT_COMMIT_SHA"] == cloud.repository.first
    assert cloud.variables(service) == {"PORT": "4000", "COLOUR": "red"}, "the service's variables went back too"
    assert "BUILD_IMAGE" not in [event["step"] for event in cloud.events(third["id"])]


def test_a_redeploy_runs_the_snapshot_with_the_variables_of_now(cloud: Cloud) -> None:
    service, domain, first = cloud.launched(COLOUR="red")
    cloud.repository.release("two")
    cloud.set_variables(service, COLOUR="blue")
    query = "mutation($id: String!) { deploymentRedeploy(id: $id, usePreviousImageTag: true) { id status } }"
    second = cloud.api.data(query, id=first)["deploymentRedeploy"]["id"]
    cloud.await_status(second, "SUCCESS")
    cloud.await_status(first, "REMOVED")
    assert cloud.serving(domain, "one")["env"]["COLOUR"] == "blue"
    redeploy = """mutation($service: String!, $environment: String!) {
        serviceInstanceRedeploy(serviceId: $service, environmentId: $environment) }"""
    assert cloud.api.data(redeploy, service=service, environment=ENVIRONMENT) == {"serviceInstanceRedeploy": True}
    cloud.await_status(cloud.deployments(service)[0]["id"], "SUCCESS")


def test_without_a_snapshot_nothing_is_redeployed(cloud: Cloud) -> None:
    service = cloud.create_service()
    query = """mutation($service: String!, $environment: String!) {
        serviceInstanceRedeploy(serviceId: $service, environmentId: $environment) }"""
    assert cloud.api.error(query, service=service, environment=ENVIRONMENT) == "Cannot redeploy without a snapshot"


def test_removing_takes_the_service_offline(cloud: Cloud, until: Until) -> None:
    _, domain, deployment = cloud.launched()
    cloud.serving(domain, "one")
    assert order(cloud, "deploymentRemove", deployment) is True
    cloud.await_status(deployment, "REMOVED")
    answer = cloud.get(domain)
    assert (answer.status_code, answer.json()["message"]) == (404, "Application not found")


def test_a_stopped_deployment_can_be_restarted_as_it_was(cloud: Cloud, until: Until) -> None:
    service, domain, deployment = cloud.launched(COLOUR="red")
    cloud.serving(domain, "one")
    assert order(cloud, "deploymentStop", deployment) is True
    until(lambda: cloud.deployment(deployment)["instances"][0]["status"] == "STOPPED")
    assert cloud.get(domain).status_code == 502
    cloud.set_variables(service, COLOUR="blue")
    assert order(cloud, "deploymentRestart", deployment) is True
    assert cloud.serving(domain, "one")["env"]["COLOUR"] == "red"


def test_an_approval_and_a_wait_hold_a_deployment_back(cloud: Cloud) -> None:
    service, _, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"holds": ["NEEDS_APPROVAL", "WAITING"]}})
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "NEEDS_APPROVAL")
    assert order(cloud, "deploymentApprove", deployment) is True
    cloud.await_status(deployment, "SUCCESS")
    assert refusal(cloud, "deploymentApprove", deployment) == "Deployment does not need approval"
    waiting = cloud.deploy(service)
    cloud.await_status(waiting, "WAITING")
    cloud.railway.release(waiting)
    cloud.await_status(waiting, "SUCCESS")


def test_an_unfinished_deployment_can_be_cancelled_and_a_finished_one_not(cloud: Cloud) -> None:
    service, _, live = cloud.launched()
    cloud.railway.seed({"behaviour": {"holds": ["DEPLOYING"]}})
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "DEPLOYING")
    assert order(cloud, "deploymentCancel", deployment) is True
    cloud.await_status(deployment, "REMOVED")
    assert refusal(cloud, "deploymentCancel", live) == "Deployment cannot be cancelled"
    assert cloud.deployment(live)["status"] == "SUCCESS"
