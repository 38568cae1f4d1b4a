"""The whole life of a stack: up, the same again, a refresh, a rotated secret, and all of it away."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.contract

MOST_CALLS = 14


def test_a_first_up_makes_one_deployment_with_few_calls(stack: Any, cloud: Any) -> None:
    stack.all()
    assert len(cloud.railway.deployments()) == 1
    assert len(cloud.operations()) <= MOST_CALLS
    assert len([call for call in cloud.calls.list() if call.service == "railway"]) <= 60
    outputs = stack.states["Deployment"].outputs
    assert httpx.get(outputs["url"]).headers["x-gateway-deployment"] == outputs["deploymentId"]


@pytest.mark.parametrize(
    "switch",
    [{"route_lag": 0.3}, {"read_lag": 0.05}, {"refuse_early_healthcheck": True}, {"push_window": 0.05}],
    ids=lambda switch: next(iter(switch)),
)
def test_an_up_converges_where_railway_is_late(stack: Any, cloud: Any, switch: dict[str, Any]) -> None:
    cloud.railway.seed({"behaviour": switch})
    stack.all()
    cloud.railway.push()
    for name in stack.states:
        stack.refresh(name)
        stack.up(name)
    assert [name for name in stack.states if stack.refresh(name) is None or stack.changes(name)] == []
    while cloud.railway.world.pushes_gather:
        time.sleep(0.01)
    assert "push" not in {each["reason"] for each in cloud.railway.deployments()}
    outputs = stack.states["Deployment"].outputs
    assert httpx.get(outputs["url"]).headers["x-gateway-deployment"] == outputs["deploymentId"]


def test_the_same_again_asks_nothing(stack: Any, cloud: Any) -> None:
    stack.all()
    cloud.calls.clear()
    stack.all()
    assert cloud.calls.list() == []


def test_a_refresh_after_up_sees_no_drift_in_few_reads(stack: Any, cloud: Any) -> None:
    stack.all()
    for name in stack.states:
        before = stack.states[name]
        cloud.calls.clear()
        assert stack.refresh(name) == before
        assert stack.changes(name) == []
        assert len(cloud.calls.list()) <= (4 if name == "Deployment" else 2)
        assert {call.kind for call in cloud.calls.list()} == {"query"}


def test_no_secret_is_in_states_or_messages(stack: Any, cloud: Any) -> None:
    stack.all()
    for name in stack.states:
        stack.refresh(name)
    seen = f"{stack.states}{cloud.messages.text}"
    for payload in cloud.manager.values().values():
        assert payload not in seen
        assert payload[:8] not in seen
    assert "project-token" not in seen


def test_a_rotated_secret_deploys_once_with_the_new_value(stack: Any, cloud: Any) -> None:
    stack.all()
    cloud.manager.add_version("API", "sk-rotated-payload-9")
    rotated = {"secrets": {"API_KEY": cloud.reference("API", 2)}}
    assert stack.changes("Variables", **rotated) == ["secrets"]
    stack.up("Variables", **rotated)
    assert len(cloud.railway.deployments()) == 1
    state = stack.up("Deployment")
    assert len(cloud.railway.deployments()) == 2
    assert cloud.railway.captured(state.outputs["deploymentId"])["API_KEY"] == "sk-rotated-payload-9"


def test_everything_goes_and_may_go_twice(stack: Any, cloud: Any) -> None:
    stack.all()
    for name in reversed(stack.states):
        stack.delete(name)
    assert cloud.railway.state()["services"] == []
    for name in reversed(stack.states):
        stack.delete(name)
        assert stack.refresh(name) is None


def test_deleting_deploys_nothing(stack: Any, cloud: Any) -> None:
    stack.all()
    for name in reversed(stack.states):
        stack.delete(name)
    assert len(cloud.railway.deployments()) == 1
