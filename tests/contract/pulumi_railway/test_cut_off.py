"""A run that is killed at any write: the next one converges, with nothing doubled and nothing left behind."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any, Literal

import httpx
import pytest

pytestmark = pytest.mark.contract

FIRST_UP = (
    "serviceCreate",
    "serviceInstanceUpdate",
    "variableCollectionUpsert",
    "serviceDomainCreate",
    "serviceConnect",
)
SECOND_UP = ("variableCollectionUpsert", "serviceInstanceDeployV2")
DESTROY = (
    "deploymentRemove",
    "serviceDomainDelete",
    "environmentStageChanges",
    "environmentPatchCommitStaged",
    "serviceDelete",
)

When = Literal["before", "after"]
GONE = {"REMOVED", "FAILED", "CRASHED"}


class Killed(BaseException):
    """The process is gone: nothing of the handler runs on, no state is kept."""


class Killing(httpx.BaseTransport):
    """Kills the run before or after the first request of `operation` reaches Railway."""

    def __init__(self, operation: str, when: When) -> None:
        self._operation, self._when = operation, when
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        named = json.loads(request.content)["operationName"] == self._operation
        if named and self._when == "before":
            raise Killed
        response = self._real.handle_request(request)
        if named:
            response.read()
            raise Killed
        return response

    def close(self) -> None:
        self._real.close()


@pytest.fixture(params=["before", "after"])
def when(request: pytest.FixtureRequest) -> When:
    return "before" if request.param == "before" else "after"


def kill(cloud: Any, operation: str, when: When) -> None:
    cloud.api.close()
    cloud.api = cloud.client(transport=Killing(operation, when))


def destroy(stack: Any) -> None:
    """As the engine: what was deleted leaves the state at once."""
    for name in reversed(list(stack.states)):
        stack.delete(name)
        del stack.states[name]


def ended(cloud: Any) -> list[dict[str, Any]]:
    """The deployments, once none is on its way out."""
    deadline = time.monotonic() + 10
    while any(each["status"] == "REMOVING" for each in cloud.railway.deployments()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return list(cloud.railway.deployments())


def until(cloud: Any, status: str) -> str:
    """Wait until the newest deployment has this status; its id."""
    deadline = time.monotonic() + 10
    while (newest := cloud.railway.deployments()[-1])["status"] != status:
        assert time.monotonic() < deadline, newest
        time.sleep(0.02)
    return str(newest["id"])


def check_converged(stack: Any, cloud: Any, made: int) -> None:
    """What is recorded serves, and of `made` deployments at most no other is under way or serves."""
    state = cloud.railway.state()["services"]
    assert len(state) == 1
    assert len(state[0]["domains"]) == 1
    outputs = stack.states["Deployment"].outputs
    assert httpx.get(outputs["url"]).headers["x-gateway-deployment"] == outputs["deploymentId"]
    there = ended(cloud)
    assert len(there) <= made, there
    assert [each["id"] for each in there if each["status"] not in GONE] == [outputs["deploymentId"]], there
    destroy(stack)
    assert [each["name"] for each in cloud.railway.state()["services"] if not each["deletedAt"]] == []


@pytest.mark.parametrize("operation", FIRST_UP)
def test_a_first_up(stack: Any, cloud: Any, operation: str, when: When) -> None:
    kill(cloud, operation, when)
    with pytest.raises(Killed):
        stack.all()
    cloud.reconnect()
    stack.all()
    check_converged(stack, cloud, made=2)


@pytest.mark.parametrize("hidden", ["owner", "instance"])
def test_a_service_that_does_not_show_all_yet_is_not_made_twice(stack: Any, cloud: Any, hidden: str) -> None:
    if hidden == "owner":
        cloud.railway.seed({"behaviour": {"read_lag": 0.3}})
    else:
        cloud.fault("variables", "graphql_error", message="ServiceInstance not found")
    kill(cloud, "serviceCreate", "after")
    with pytest.raises(Killed):
        stack.up("Service")
    cloud.reconnect()
    state = stack.up("Service")
    assert [each["id"] for each in cloud.railway.state()["services"]] == [state.outputs["serviceId"]]


@pytest.mark.parametrize("operation", SECOND_UP)
def test_a_second_up(stack: Any, cloud: Any, operation: str, when: When, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.all()
    cloud.manager.add_version("API", "sk-rotated-payload-9")
    monkeypatch.setattr(
        stack, "_Variables", lambda: {"variables": {"PORT": "4000"}, "secrets": {"API_KEY": cloud.reference("API", 2)}}
    )
    kill(cloud, operation, when)
    with pytest.raises(Killed):
        stack.all()
    cloud.reconnect()
    stack.all()
    deployed = cloud.railway.captured(stack.states["Deployment"].outputs["deploymentId"])
    assert deployed["API_KEY"] == "sk-rotated-payload-9"
    check_converged(stack, cloud, made=3)


def test_what_an_update_alone_has_written_goes_where_the_program_went_back(stack: Any, cloud: Any) -> None:
    """The engine reads with what was to be written among the outputs, as after an update that failed."""
    stack.all()
    asked = {"secrets": {"API_KEY": cloud.reference("API"), "NEW_KEY": cloud.reference("MASTER")}}
    wanted = stack.inputs("Variables", **asked)
    kill(cloud, "variableCollectionUpsert", "after")
    with pytest.raises(Killed):
        stack.up("Variables", **asked)
    cloud.reconnect()
    recorded = stack.states["Variables"]
    stack.states["Variables"] = replace(recorded, outputs={**recorded.outputs, **wanted})
    found = stack.refresh("Variables").inputs
    stack.states["Variables"] = replace(recorded, inputs=found)
    stack.up("Variables")
    assert "NEW_KEY" not in cloud.railway.state()["services"][0]["variables"]


def cut_off(stack: Any, cloud: Any, operation: str, release: str) -> None:
    """A run that deploys `release` and is killed before it can record that."""
    cloud.repository.release(release)
    kill(cloud, operation, "after")
    with pytest.raises(Killed):
        stack.all()
    cloud.reconnect()


@pytest.mark.parametrize("status", ["BUILDING", "DEPLOYING", "NEEDS_APPROVAL"])
def test_what_it_left_under_way_never_serves(stack: Any, cloud: Any, failing: Any, status: str) -> None:
    stack.all()
    cloud.railway.seed({"behaviour": {"holds": [status], "supersede": False}})
    cut_off(stack, cloud, "serviceInstanceDeployV2", "bad")
    left = until(cloud, status)
    cloud.railway.seed({"behaviour": {"build_failure": ["no such package"]}})
    cloud.repository.release("two")
    assert "As before, deployment" in failing("Deployment").reasons[0]
    assert f"Cancelling deployment {left} of commit" in cloud.messages.text
    assert f"({status}): it is under way, and nobody would judge it." in cloud.messages.text
    cloud.railway.release(left)
    assert [each["status"] for each in ended(cloud)] == ["SUCCESS", "REMOVED", "FAILED"]
    stack.up("Deployment")
    check_converged(stack, cloud, made=4)


def test_what_it_left_serving_gives_way_to_the_accepted_one(stack: Any, cloud: Any, failing: Any) -> None:
    stack.all()
    accepted = stack.states["Deployment"].outputs["commit"]
    cut_off(stack, cloud, "serviceInstanceDeployV2", "bad")
    until(cloud, "SUCCESS")
    cloud.railway.seed({"behaviour": {"build_failure": ["no such package"]}})
    cloud.repository.release("two")
    failure = failing("Deployment")
    assert "Rolled back: deployment" in failure.reasons[0]
    *others, serving = ended(cloud)
    assert [each["status"] for each in others] == ["REMOVED", "REMOVED", "FAILED"]
    assert (serving["status"], serving["commit"]) == ("SUCCESS", accepted)
    assert serving["id"] == failure.state.outputs["deploymentId"]


@pytest.mark.parametrize("builds", [True, False])
def test_what_a_first_one_left_serving_is_no_way_back(stack: Any, cloud: Any, failing: Any, builds: bool) -> None:
    cut_off(stack, cloud, "serviceConnect", "bad")
    until(cloud, "SUCCESS")
    cloud.railway.seed({"behaviour": {"build_failure": [] if builds else ["no such package"]}})
    assert "is taken offline" in failing("Deployment").reasons[0]
    assert {each["status"] for each in ended(cloud)} <= GONE
    assert cloud.railway.state()["services"][0]["serving"] == []


@pytest.mark.parametrize("operation", DESTROY)
def test_a_destroy(stack: Any, cloud: Any, operation: str, when: When) -> None:
    stack.all()
    kill(cloud, operation, when)
    with pytest.raises(Killed):
        destroy(stack)
    cloud.reconnect()
    destroy(stack)
    assert [each["name"] for each in cloud.railway.state()["services"] if not each["deletedAt"]] == []
