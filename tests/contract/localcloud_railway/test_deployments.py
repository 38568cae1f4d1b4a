"""Deployments really run: from the commit, by its Dockerfile, with the variables of their start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.railway import Speed

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
Until = Callable[..., Any]


def messages(cloud: Cloud, deployment: str, kind: str = "deploymentLogs") -> list[str]:
    return [log["message"] for log in cloud.logs(deployment, kind)]


def test_the_process_has_the_variables_the_image_and_what_railway_adds(cloud: Cloud) -> None:
    _, domain, deployment = cloud.launched(TEMPLATE="${{GREETED}} at ${{RAILWAY_DEPLOYMENT_ID}}", GREETED="you")
    answer = cloud.serving(domain, "one")
    found = answer["env"]
    assert found["RAILWAY_DEPLOYMENT_ID"] == deployment
    assert found["RAILWAY_GIT_COMMIT_SHA"] == cloud.repository.first
    assert found["RAILWAY_GIT_BRANCH"] == "main"
    assert (found["RAILWAY_SERVICE_NAME"], found["RAILWAY_PUBLIC_DOMAIN"]) == ("web", domain)
    assert found["TEMPLATE"] == f"you at {deployment}"
    assert found["GREETING"] == "hello"
    assert found["HOST"] == "127.0.0.1"
    assert found["PORT"] != "4000", "a free port takes the place of the declared one"
    assert found["OPENAI_API_BASE"] == "http://127.0.0.1:9/openai"
    assert answer["config"] == "configured", "a path of the image in ENV is one of this machine"
    assert "SSL_CERT_FILE" not in found, "nothing of this machine's environment leaks in"


def test_the_deployment_tells_its_commit_steps_and_logs(cloud: Cloud, until: Until) -> None:
    _, domain, deployment = cloud.launched()
    told = cloud.deployment(deployment)
    assert told["meta"]["commitHash"] == cloud.repository.first
    assert told["meta"]["commitMessage"] == "first"
    assert told["meta"]["serviceManifest"]["deploy"]["healthcheckPath"] == "/health"
    assert (told["url"], told["staticUrl"]) == (domain, domain)
    assert told["instances"] == [{"id": deployment, "status": "RUNNING"}]
    until(lambda: "to stderr" in messages(cloud, deployment))
    logs = {log["message"]: log for log in cloud.logs(deployment)}
    assert logs["starting one"]["severity"] == "info"
    assert logs["to stderr"]["severity"] == "error"
    assert (logs["structured"]["severity"], logs["structured"]["attributes"]) == (
        "warning",
        [{"key": "cost", "value": "3"}],
    )
    assert logs["structured"]["tags"] == {"deploymentId": deployment}
    steps = until(lambda: all(event["completedAt"] for event in cloud.events(deployment)) and cloud.events(deployment))
    assert [event["step"] for event in steps] == [
        "SNAPSHOT_CODE",
        "BUILD_IMAGE",
        "PUBLISH_IMAGE",
        "CREATE_CONTAINER",
        "HEALTHCHECK",
        "CONFIGURE_NETWORK",
    ]
    assert any(line.startswith("[1/11] FROM python:3.11-slim") for line in messages(cloud, deployment, "buildLogs"))


def test_logs_give_one_row_more_than_asked_for_and_none_above_5000(cloud: Cloud) -> None:
    _, _, deployment = cloud.launched()
    for number in range(200):
        cloud.railway.plant_log(deployment, f"line {number}")
    assert [log["message"] for log in cloud.logs(deployment, limit=2)] == ["line 197", "line 198", "line 199"]
    assert len(cloud.logs(deployment)) == 101
    assert cloud.logs(deployment, limit=5001) == []
    assert next(log["message"] for log in cloud.logs(deployment, filter="ne 19")) == "line 19"
    cloud.railway.plant_log(deployment, "in the build", build=True)
    assert messages(cloud, deployment, "buildLogs")[-1] == "in the build"


def test_an_id_comes_at_once_and_the_statuses_follow_in_order(cloud: Cloud, until: Until) -> None:
    service, _, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"holds": ["INITIALIZING"]}})
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "INITIALIZING")
    assert cloud.deployment(deployment)["deploymentStopped"], "as Railway says while it initialises"
    cloud.railway.release(deployment)
    seen: list[str] = []

    def done() -> bool:
        status = cloud.deployment(deployment)["status"]
        if status not in seen:
            seen.append(status)
        return bool(status == "SUCCESS")

    until(done)
    walk = ["QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "SUCCESS"]
    assert seen == [status for status in walk if status in seen]
    assert {"DEPLOYING", "SUCCESS"} <= set(seen)


def test_a_new_commit_is_deployed_by_its_sha_and_replaces_the_old_one(cloud: Cloud) -> None:
    service, domain, first = cloud.launched()
    commit = cloud.repository.release("two")
    second = cloud.deploy(service, commit)
    cloud.await_status(second, "SUCCESS")
    assert cloud.serving(domain, "two")["env"]["RAILWAY_GIT_COMMIT_SHA"] == commit
    assert cloud.await_status(first, "REMOVED")["canRollback"]
    assert [item["id"] for item in cloud.deployments(service)] == [second, first]


def test_without_a_sha_the_pinned_commit_is_deployed_not_the_head(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    head = cloud.repository.release("two")
    again = cloud.deploy(service)
    cloud.await_status(again, "SUCCESS")
    assert cloud.serving(domain, "one")["env"]["RAILWAY_DEPLOYMENT_ID"] == again
    query = """mutation($service: String!, $environment: String!) {
        serviceInstanceDeploy(serviceId: $service, environmentId: $environment, latestCommit: true) }"""
    assert cloud.api.data(query, service=service, environment=ENVIRONMENT) == {"serviceInstanceDeploy": True}
    newest = cloud.deployments(service)[0]
    assert newest["meta"]["commitHash"] == head


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "--help"])
def test_an_unknown_commit_is_refused_and_nothing_starts(cloud: Cloud, commit: str) -> None:
    service, _, _ = cloud.launched()
    query = """mutation($service: String!, $environment: String!, $commit: String) {
        serviceInstanceDeployV2(serviceId: $service, environmentId: $environment, commitSha: $commit) }"""
    error = cloud.api.error(query, service=service, environment=ENVIRONMENT, commit=commit)
    assert error == "Commit not found"
    assert len(cloud.deployments(service)) == 1


def test_a_deployment_keeps_the_variables_of_its_start(cloud: Cloud) -> None:
    service, domain, first = cloud.launched(COLOUR="red")
    cloud.set_variables(service, COLOUR="blue")
    assert cloud.serving(domain, "one")["env"]["COLOUR"] == "red"
    assert cloud.railway.captured(first)["COLOUR"] == "red"
    second = cloud.deploy(service)
    cloud.await_status(second, "SUCCESS")
    cloud.await_status(first, "REMOVED")
    assert cloud.serving(domain, "one")["env"]["COLOUR"] == "blue"


def test_the_edge_may_learn_a_route_late(cloud: Cloud) -> None:
    cloud.railway.seed({"behaviour": {"route_lag": 3600}})
    service, domain, _ = cloud.launched()
    assert (cloud.get(domain).status_code, cloud.get(domain).json()["message"]) == (404, "Application not found")
    world = cloud.railway.world
    (instance,) = world.instances_of(service)
    instance.routed_at -= 3600
    instance.switched_at -= 3600
    world.speed = Speed(step=3600)
    assert (cloud.get(domain).status_code, cloud.get(domain).json()["message"]) == (
        502,
        "Application failed to respond",
    )
    world.speed = Speed(step=0)
    assert cloud.get(domain).status_code == 200


def test_a_build_can_be_told_to_fail(cloud: Cloud) -> None:
    service, _, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"build_failure": ["resolving", "no such package"]}})
    failed = cloud.deploy(service)
    cloud.await_status(failed, "FAILED")
    assert messages(cloud, failed, "buildLogs")[:2] == ["resolving", "no such package"]
    (event,) = [each for each in cloud.events(failed) if each["step"] == "BUILD_IMAGE"]
    assert event["payload"]["error"] == "the build failed: no such package"
    cloud.await_status(cloud.deploy(service), "SUCCESS")


def test_the_old_process_is_asked_to_stop_and_given_its_draining_seconds(cloud: Cloud) -> None:
    service, _, first = cloud.launched(DRAIN="0.2")
    cloud.configure(service, drainingSeconds=20)
    second = cloud.deploy(service)
    cloud.await_status(second, "SUCCESS")
    cloud.await_status(first, "REMOVED")
    assert "drained" not in messages(cloud, first), "the first one captured no draining time: killed at once"
    third = cloud.deploy(service)
    cloud.await_status(third, "SUCCESS")
    cloud.await_status(second, "REMOVED")
    assert messages(cloud, second)[-2:] == ["asked to stop", "drained"]


def test_a_newer_deployment_takes_the_place_of_an_unfinished_one(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"holds": ["BUILDING", "DEPLOYING"]}})
    held = cloud.deploy(service)
    cloud.await_status(held, "BUILDING")
    newer = cloud.deploy(service)
    assert not cloud.await_status(held, "REMOVED")["canRollback"]
    cloud.await_status(newer, "DEPLOYING")
    cloud.railway.release(newer)
    cloud.await_status(newer, "SUCCESS")
    assert cloud.serving(domain, "one")["env"]["RAILWAY_DEPLOYMENT_ID"] == newer


def test_an_older_deployment_that_finishes_late_does_not_go_live(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"supersede": False, "holds": ["BUILDING"]}})
    late = cloud.deploy(service)
    cloud.await_status(late, "BUILDING")
    newer = cloud.deploy(service)
    cloud.await_status(newer, "SUCCESS")
    cloud.await_status(late, "REMOVED")
    cloud.railway.release(late)
    assert cloud.serving(domain, "one")["env"]["RAILWAY_DEPLOYMENT_ID"] == newer


def test_a_skipped_deployment_has_no_snapshot(cloud: Cloud) -> None:
    service, _, _ = cloud.launched()
    cloud.railway.seed({"behaviour": {"holds": ["SKIPPED"]}})
    found = cloud.await_status(cloud.deploy(service), "SKIPPED")
    assert (found["snapshotId"], found["canRedeploy"]) == (None, False)


def test_deployments_filter_by_status_and_refuse_to_list_everything(cloud: Cloud) -> None:
    service, _, first = cloud.launched()
    second = cloud.deploy(service)
    cloud.await_status(second, "SUCCESS")
    cloud.await_status(first, "REMOVED")
    query = "query($input: DeploymentListInput!) { deployments(input: $input) { edges { node { id } } } }"

    def ids(**status: list[str]) -> list[str]:
        found = cloud.api.data(query, input={"serviceId": service, "status": status})["deployments"]["edges"]
        return [edge["node"]["id"] for edge in found]

    assert ids(**{"in": ["REMOVED"]}) == [first]
    assert ids(notIn=["REMOVED"]) == [second]
    assert cloud.api.error(query, input={}) == "Invalid input"


def test_the_start_command_and_the_pre_deploy_command_are_carried_out(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.configure(
        service,
        rootDirectory="services/web",
        startCommand='python -u app.py "an argument"',
        preDeployCommand=["echo $GREETING before", 'test -n "$RAILWAY_DEPLOYMENT_ID"'],
    )
    cloud.set_variables(service, PORT="4000")
    deployment = cloud.connect(service)
    cloud.await_status(deployment, "SUCCESS")
    assert "hello before" in messages(cloud, deployment, "buildLogs")


def test_nothing_listens_after_the_end(cloud: Cloud) -> None:
    _, domain, _ = cloud.launched()
    port = cloud.serving(domain, "one")["env"]["PORT"]
    cloud.railway.stop()
    for address in (f"https://{domain}", f"http://127.0.0.1:{port}"):
        with pytest.raises(httpx.ConnectError), cloud.visitor() as client:
            client.get(address)
