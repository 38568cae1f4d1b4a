"""The state during a run: order, what is written and when."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from localcloud.engine import state as states
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import Deployment, PendingOperation, ResourceState

pytestmark = pytest.mark.unit


def resource(name: Any, **fields: Any) -> Any:
    return ResourceState(f"urn:pulumi:dev::demo::p:i:T::{name}", "p:i:T", custom=True, id=name, **fields)


def names(deployment: Any) -> Any:
    return [state.urn.split("::")[-1] + ("-" if state.delete else "") for state in deployment.resources]


class File:
    """Keeps everything that is written."""

    def __init__(self) -> None:
        self.written: list[Deployment] = []

    def __call__(self, deployment: Any) -> Any:
        states.validate(deployment, "dev")
        self.written.append(deployment)


def snapshot(*resources: Any, pending: Any = ()) -> tuple[Snapshot, File]:
    file = File()
    return Snapshot(Deployment(resources, tuple(pending)), file), file


def test_what_refers_to_a_resource_that_is_gone_does_so_no_more() -> None:
    a, b = resource("a"), resource("b")
    c = resource(
        "c", dependencies=(a.urn, b.urn), property_dependencies={"x": (a.urn,), "y": (b.urn,)}, deleted_with=a.urn
    )
    state, file = snapshot(a, b, c)
    state.remove(a)
    (_, left) = file.written[-1].resources
    assert (left.dependencies, left.property_dependencies) == ((b.urn,), {"x": (), "y": (b.urn,)})
    assert left.deleted_with == ""


def test_settled_resources_stand_before_untouched_ones() -> None:
    a, b, c = resource("a"), resource("b"), resource("c")
    state, file = snapshot(a, b, c)
    state.settle(dataclasses.replace(c, inputs={"x": 1}), c)
    state.settle(resource("d"), None)
    assert names(file.written[-1]) == ["c", "d", "a", "b"]
    state.remove(a)
    assert names(file.written[-1]) == ["c", "d", "b"]


def test_same_is_not_written() -> None:
    a = resource("a")
    state, file = snapshot(a)
    state.settle(dataclasses.replace(a), a)
    state.finish()
    assert file.written == []
    state.settle(resource("b"), None)
    assert len(file.written) == 1


def test_pending_operations_are_written_before_and_cleared_with_the_result() -> None:
    state, file = snapshot()
    operation = state.begin(resource("a"), "creating")
    assert [entry.type for entry in file.written[-1].pending] == ["creating"]
    state.settle(resource("a"), None, operation)
    assert (names(file.written[-1]), file.written[-1].pending) == (["a"], ())
    assert len(file.written) == 2, "the result and the end of the operation are one write"


def test_interrupted_creates_stay_until_their_resource_is_settled() -> None:
    pending = [PendingOperation(resource("a"), "creating"), PendingOperation(resource("b"), "updating")]
    state, file = snapshot(pending=pending)
    state.settle(resource("c"), None)
    assert [entry.resource.id for entry in file.written[-1].pending] == ["a"]
    state.settle(resource("a"), None)
    assert file.written[-1].pending == ()


def test_the_interrupted_create_of_a_replacement_stays_when_the_old_one_goes() -> None:
    old = resource("a")
    pending = [PendingOperation(resource("a"), "creating"), PendingOperation(old, "updating")]
    state, file = snapshot(old, pending=pending)
    assert [each.type for each in state.interrupted_creates()] == ["creating"]
    state.remove(old)
    assert (names(file.written[-1]), [each.type for each in file.written[-1].pending]) == ([], ["creating"])


def test_interrupted_changes_stay_until_their_resource_is_settled() -> None:
    a, b, c = resource("a"), resource("b"), resource("c")
    pending = [PendingOperation(a, "updating"), PendingOperation(b, "deleting"), PendingOperation(c, "updating")]
    state, file = snapshot(a, b, c, pending=pending)
    assert [bool(state.interrupted(each.urn)) for each in (a, b, c)] == [True, True, True]
    state.change(a, inputs={"x": 1})
    assert [entry.resource.id for entry in file.written[-1].pending] == ["b", "c"]
    state.remove(b)
    state.settle(dataclasses.replace(c), c)
    state.finish()
    assert file.written[-1].pending == ()
    assert not state.interrupted(a.urn)


def test_interrupted_updates_without_a_resource_vanish_even_if_nothing_else_changes() -> None:
    state, file = snapshot(pending=[PendingOperation(resource("b"), "updating")])
    state.finish()
    assert [deployment.pending for deployment in file.written] == [()]


def test_replaced_resource_waits_behind_the_new_one() -> None:
    old, user = resource("a"), resource("b", dependencies=(resource("a").urn,))
    state, file = snapshot(old, user)
    operation = state.begin(resource("a"), "creating")
    state.supersede(old, dataclasses.replace(old, id="new"), operation)
    assert names(file.written[-1]) == ["a", "a-", "b"]
    assert state.take([old.urn]) is None, "the old one is not found any more"
    found, waiting = state.find(old.urn), state.find(old.urn, "a")
    assert found is not None
    assert found.id == "new"
    assert waiting is not None
    assert waiting.delete


def test_aliases_are_brought_up_to_date_in_those_that_refer_to_them() -> None:
    old = resource("old")
    user = resource("user", dependencies=(old.urn,), parent=old.urn, property_dependencies={"x": (old.urn,)},
                    deleted_with=old.urn, provider=f"{old.urn}::1")  # fmt: skip
    state, file = snapshot(old, user)
    new = resource("new")
    assert state.take([new.urn, old.urn]) is old
    state.settle(new, old)
    assert names(file.written[-1]) == ["new", "user"]
    assert file.written[-1].resources[1].referenced() == {new.urn}
    assert file.written[-1].resources[1].provider == f"{new.urn}::1"


def test_changes_in_place_are_written_once_and_only_if_they_are_changes() -> None:
    a = resource("a")
    state, file = snapshot(a)
    changed = state.change(a, outputs={"x": 1})
    state.change(changed, outputs={"x": 1})
    assert len(file.written) == 1
    assert state.remaining()[0].outputs == {"x": 1}
