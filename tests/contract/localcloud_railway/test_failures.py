"""Deployments that fail say at which step and why, and leave the old one serving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

Until = Callable[..., Any]


def failed_step(cloud: Cloud, deployment: str) -> tuple[str, str]:
    """The last step with its error."""
    last = [event for event in cloud.events(deployment) if event["payload"] and event["payload"]["error"]][-1]
    return last["step"], last["payload"]["error"]


def build_log(cloud: Cloud, deployment: str) -> str:
    return "\n".join(log["message"] for log in cloud.logs(deployment, "buildLogs"))


def still_serving(cloud: Cloud, domain: str, deployment: str) -> bool:
    return bool(cloud.serving(domain, "one")["env"]["RAILWAY_DEPLOYMENT_ID"] == deployment)


@pytest.mark.parametrize(
    ("replaced", "by", "error"),
    [
        ("FROM python:3.11-slim", "FROM node:22", "line 2, FROM: the base image must be python:VERSION"),
        ("COPY requirements.txt ./", "COPY missing.txt ./", "line 6, COPY: missing.txt is not in the root directory"),
        ("COPY requirements.txt ./", "COPY ../../x ./", "line 6, COPY: ../../x is not in the root directory"),
        ("USER web", "VOLUME /data", "line 10, VOLUME: this instruction is not supported here"),
        ("USER web", "RUN apt-get update", "line 10, RUN: apt-get is not supported here"),
        ("USER web", "RUN python -c 'raise SystemExit(4)'", "line 10, RUN: python ended with exit status 4"),
        ("-r requirements.txt", "-r absent.txt", "line 7, RUN: there is no file absent.txt in the image"),
        ("-r requirements.txt", "litellm", "line 7, RUN: pip install litellm is not supported here"),
        ("USER web", "FROM python:3.11", "line 10, FROM: there must be one FROM"),
        ('CMD ["python", "-u", "app.py"]', "", "the Dockerfile has no CMD"),
    ],
)
def test_a_dockerfile_that_cannot_be_built_fails_at_its_line(cloud: Cloud, replaced: str, by: str, error: str) -> None:
    text = (cloud.repository.directory / "services/web/Dockerfile").read_text()
    assert replaced in text
    service = cloud.create_service()
    cloud.configure(service, rootDirectory="services/web")
    cloud.repository.write("Dockerfile", text.replace(replaced, by))
    cloud.repository.commit("broken")
    deployment = cloud.connect(service)
    found = cloud.await_status(deployment, "FAILED")
    step, message = failed_step(cloud, deployment)
    assert step == "BUILD_IMAGE"
    assert error in message
    assert message in build_log(cloud, deployment)
    assert (found["canRollback"], found["canRedeploy"], found["instances"]) == (False, False, [])


def test_a_lock_that_cannot_be_installed_fails_the_build_with_the_installer_s_words(cloud: Cloud) -> None:
    service, domain, live = cloud.launched()
    cloud.repository.write("requirements.txt", "no-such-name @ file:///nowhere/at-all.whl --hash=sha256:" + "0" * 64)
    deployment = cloud.deploy(service, cloud.repository.commit("bad lock"))
    cloud.await_status(deployment, "FAILED")
    assert failed_step(cloud, deployment)[0] == "BUILD_IMAGE"
    assert "nowhere" in build_log(cloud, deployment)
    assert still_serving(cloud, domain, live)


def test_a_root_directory_that_is_not_there_fails_the_snapshot(cloud: Cloud) -> None:
    service, domain, live = cloud.launched()
    cloud.configure(service, rootDirectory="services/elsewhere")
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "FAILED")
    step, message = failed_step(cloud, deployment)
    assert (step, "services/elsewhere" in message) == ("SNAPSHOT_CODE", True)
    assert still_serving(cloud, domain, live)


def test_an_image_source_cannot_be_run(cloud: Cloud) -> None:
    service = cloud.create_service(source={"image": "redis:8"})
    (deployment,) = cloud.deployments(service)
    cloud.await_status(deployment["id"], "FAILED")
    assert failed_step(cloud, deployment["id"])[1].startswith("image redis:8 cannot be run here")


@pytest.mark.parametrize("health", ["503", "301", "204"])
def test_anything_but_200_never_turns_healthy(cloud: Cloud, health: str) -> None:
    service, domain, live = cloud.launched()
    cloud.configure(service, healthcheckTimeout=1)
    cloud.set_variables(service, HEALTH=health)
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "FAILED")
    step, message = failed_step(cloud, deployment)
    assert step == "HEALTHCHECK"
    assert message.endswith(f"tries: status {health}")
    assert still_serving(cloud, domain, live)


def test_a_wrong_health_path_is_named(cloud: Cloud) -> None:
    service, _, _ = cloud.launched()
    cloud.set_variables(service, HEALTH="404")
    cloud.configure(service, healthcheckPath="/health", healthcheckTimeout=1)
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "FAILED")
    assert failed_step(cloud, deployment)[1].startswith("/health never answered 200 within 1 s")


def test_a_crash_loop_is_seen_and_ends_as_crashed(cloud: Cloud) -> None:
    service, domain, live = cloud.launched()
    cloud.configure(service, restartPolicyMaxRetries=2)
    cloud.set_variables(service, CRASH="7")
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "CRASHED")
    starts = [event["payload"] for event in cloud.events(deployment) if event["step"] == "CREATE_CONTAINER"]
    assert [start["attempt"] for start in starts] == [1, 2, 3]
    assert {start["maxAttempts"] for start in starts} == {3}
    assert {start["error"] for start in starts} == {"the process ended with exit status 7"}
    assert still_serving(cloud, domain, live)


def test_a_process_that_dies_later_is_started_again_and_then_crashed(cloud: Cloud, until: Until) -> None:
    service, domain, deployment = cloud.launched(EXIT="3")
    cloud.configure(service, restartPolicyMaxRetries=1)
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "SUCCESS")
    first = until(
        lambda: (env := cloud.serving(domain, "one")["env"])["RAILWAY_DEPLOYMENT_ID"] == deployment and env["PORT"]
    )
    assert cloud.get(domain, "/exit").status_code == 502
    assert cloud.serving(domain, "one")["env"]["PORT"] != first, "a new process"
    assert cloud.deployment(deployment)["status"] == "SUCCESS"
    cloud.get(domain, "/exit")
    cloud.await_status(deployment, "CRASHED")
    assert cloud.deployment(deployment)["instances"][0]["status"] == "CRASHED"
    answer = cloud.get(domain)
    assert (answer.status_code, answer.json()["message"]) == (502, "Application failed to respond")


def test_the_policy_never_starts_nothing_again(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    cloud.configure(service, restartPolicyType="NEVER")
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "SUCCESS")
    cloud.serving(domain, "one")
    cloud.get(domain, "/exit")
    cloud.await_status(deployment, "CRASHED")


def test_a_process_that_ends_well_is_no_crash(cloud: Cloud, until: Until) -> None:
    _, domain, deployment = cloud.launched(EXIT="0")
    cloud.serving(domain, "one")
    cloud.get(domain, "/exit")
    until(lambda: cloud.deployment(deployment)["instances"][0]["status"] == "EXITED")
    assert cloud.deployment(deployment)["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"startCommand": "python 'app.py"}, "the process cannot be started: No closing quotation"),
        ({"preDeployCommand": ["exit 5"]}, "the pre-deploy command ended with exit status 5"),
    ],
)
def test_commands_that_cannot_work_fail_the_deployment(cloud: Cloud, settings: dict[str, Any], error: str) -> None:
    service = cloud.create_service()
    cloud.configure(service, rootDirectory="services/web", **settings)
    deployment = cloud.connect(service)
    cloud.await_status(deployment, "FAILED")
    assert failed_step(cloud, deployment)[1] == error


def test_a_command_that_does_not_exist_crashes(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.configure(
        service,
        rootDirectory="services/web",
        startCommand="no-such-program",
        healthcheckPath="/",
        restartPolicyType="NEVER",
    )
    deployment = cloud.connect(service)
    cloud.await_status(deployment, "CRASHED")
    assert "cannot start no-such-program" in cloud.logs(deployment)[-1]["message"]
