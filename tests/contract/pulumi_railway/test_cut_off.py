"""A run that is killed at any write: the next one converges, with nothing doubled and nothing left behind."""

from __future__ import annotations

import json
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


def check_converged(stack: Any, cloud: Any) -> None:
    state = cloud.railway.state()["services"]
    assert len(state) == 1
    assert len(state[0]["domains"]) == 1
    outputs = stack.states["Deployment"].outputs
    assert httpx.get(outputs["url"]).headers["x-gateway-deployment"] == outputs["deploymentId"]
    assert [each["status"] for each in cloud.railway.deployments()].count("SUCCESS") == 1
    destroy(stack)
    assert [each["name"] for each in cloud.railway.state()["services"] if not each["deletedAt"]] == []


@pytest.mark.parametrize("operation", FIRST_UP)
def test_a_first_up(stack: Any, cloud: Any, operation: str, when: When) -> None:
    kill(cloud, operation, when)
    with pytest.raises(Killed):
        stack.all()
    cloud.reconnect()
    stack.all()
    check_converged(stack, cloud)


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
    check_converged(stack, cloud)


@pytest.mark.parametrize("operation", DESTROY)
def test_a_destroy(stack: Any, cloud: Any, operation: str, when: When) -> None:
    stack.all()
    kill(cloud, operation, when)
    with pytest.raises(Killed):
        destroy(stack)
    cloud.reconnect()
    destroy(stack)
    assert [each["name"] for each in cloud.railway.state()["services"] if not each["deletedAt"]] == []
