"""A run that is killed in a create, and then no other one but destroy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.life.any_order import CUT_OFF
from tests.engine.life.stack import Stack

if TYPE_CHECKING:
    from tests.engine.life.conftest import MakeStack

pytestmark = pytest.mark.engine

TOLD = f"railway:index:Service web: {CUT_OFF}"


@pytest.fixture
def stack(make_stack: MakeStack) -> Stack:
    """A stack of a service and its domain, of which nothing is there."""
    made = make_stack()
    made.wanted.service, made.wanted.port = {"name": "web"}, 4000
    return made


def kill_behind(stack: Stack, operation: str) -> None:
    """A first up that is killed as Railway has done `operation`; which call that is, another one has told."""
    assert stack.run("up").status == 0
    call = [each.operation for each in stack.place.cloud.calls.list()].index(operation) + 1
    assert stack.run("destroy").status == 0
    with stack.killed(call, "after") as death:
        stack.run("up")
    assert death.dead
    assert stack.place.writes()[-1] == operation


def in_the_state(stack: Stack) -> tuple[int, int]:
    """The number of resources and of operations under way."""
    deployment = json.loads(stack.file.read_text())["deployment"]
    return len(deployment["resources"]), len(deployment.get("pending_operations", []))


def test_destroy_names_it_and_the_next_up_still_knows_it(stack: Stack) -> None:
    kill_behind(stack, "serviceCreate")
    [left] = stack.held()
    for _ in range(2):
        refused = stack.run("destroy")
        assert refused.status == 1
        assert TOLD in refused.output
        assert "Run up, which takes it over" in refused.output
    assert stack.run("up").status == 0
    assert [each.service_id for each in stack.held()] == [left.service_id]
    assert stack.run("destroy").status == 0
    assert (stack.held(), in_the_state(stack)) == ([], (0, 0))


def test_destroy_ends_well_once_it_was_deleted_by_hand_and_forgotten(stack: Stack) -> None:
    kill_behind(stack, "serviceCreate")
    assert TOLD in stack.run("destroy").output
    stack.place.cloud.railway.delete_service("web")
    assert stack.run("refresh").status == 0
    assert stack.run("destroy").status == 0
    assert in_the_state(stack) == (0, 0)


def test_what_goes_with_its_service_is_no_error(stack: Stack) -> None:
    kill_behind(stack, "serviceDomainCreate")
    assert [len(each.ports) for each in stack.held()] == [1]
    gone = stack.run("destroy")
    assert gone.status == 0, gone.output
    assert (stack.held(), in_the_state(stack)) == ([], (0, 0))
