"""Which step is chosen."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from localcloud.engine import choice
from localcloud.engine.codec import UNKNOWN, Secret
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import Goal
from localcloud.engine.provider import Diff
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op

pytestmark = pytest.mark.unit

GOAL = Goal("urn:pulumi:dev::demo::p:i:T::t", "p:i:T", custom=True, inputs={"a": 1})
OLD = ResourceState(GOAL.urn, GOAL.type, custom=True, id="1", inputs={"a": 1, "b": {"c": 1}})


def choose(old: Any = OLD, goal: Any = GOAL, inputs: Any = None, diff: Any = None) -> Any:
    return choice.custom(old, goal, OLD.inputs if inputs is None else inputs, diff or Diff())


@pytest.mark.parametrize(("inputs", "diff", "op"), [
    (None, Diff(), Op.SAME),
    ({"a": 2}, Diff(), Op.UPDATE),
    ({"a": UNKNOWN, "b": {"c": 1}}, Diff(), Op.UPDATE),
    ({"a": Secret(1), "b": {"c": Secret(1)}}, Diff(), Op.SAME),
    ({"a": 2}, Diff(changed=False), Op.SAME),
    (None, Diff(changed=True), Op.UPDATE),
    ({"a": 2}, Diff(replaces=("a",)), Op.REPLACE),
    (None, Diff(replaces=("a",)), Op.SAME),
    (None, Diff(changed=False, replaces=("a",)), Op.SAME),
    (None, Diff(changed=True, replaces=("a",)), Op.REPLACE),
    (None, Diff(changed=True, detailed={"a": "update-replace"}), Op.REPLACE),
    (None, Diff(changed=True, detailed={"a": "update"}), Op.UPDATE),
])  # fmt: skip
def test_the_provider_decides_and_the_engine_compares_where_it_does_not(inputs: Any, diff: Any, op: Any) -> None:
    assert choose(inputs=inputs, diff=diff).op is op


def test_init_errors_are_retried() -> None:
    failed = dataclasses.replace(OLD, init_errors=("bad",))
    assert choose(old=failed).op is Op.UPDATE
    goal = dataclasses.replace(GOAL, replace_on_changes=("#initerror",))
    assert choose(old=failed, goal=goal) == choice.Choice(Op.REPLACE, ("#initerror",))
    assert choose(goal=goal).op is Op.SAME


@pytest.mark.parametrize(("patterns", "inputs", "keys"), [
    (("b.c",), {"a": 1, "b": {"c": 2}}, ("b.c",)),
    (("b.c",), {"a": 2, "b": {"c": 1}}, ()),
    (("*",), {"a": 2, "b": {"c": 2}}, ("a", "b.c")),
])  # fmt: skip
def test_replace_on_changes(patterns: Any, inputs: Any, keys: Any) -> None:
    goal = dataclasses.replace(GOAL, replace_on_changes=patterns)
    assert choose(goal=goal, inputs=inputs).keys == keys


@pytest.mark.parametrize(("asked", "provider", "expected"), [
    (None, True, True), (None, False, False), (False, True, False), (True, False, True),
])  # fmt: skip
def test_the_option_overrides_the_provider_on_the_order_of_a_replacement(
    asked: Any, provider: Any, expected: Any
) -> None:
    goal = dataclasses.replace(GOAL, delete_before_replace=asked)
    diff = Diff(changed=True, replaces=("a",), delete_before_replace=provider)
    assert choose(goal=goal, diff=diff).delete_before_replace is expected


@pytest.mark.parametrize(("before", "now", "expected"), [
    (1, 1, False), (1, Secret(1), False), (1, 2, True), (None, 1, True), (1, None, False), (1, UNKNOWN, True),
])  # fmt: skip
def test_replacement_trigger(before: Any, now: Any, expected: Any) -> None:
    old = dataclasses.replace(OLD, replacement_trigger=before)
    assert choice.trigger_changed(old, dataclasses.replace(GOAL, replacement_trigger=now)) is expected


def test_components_compare_their_inputs() -> None:
    assert choice.component(OLD, dataclasses.replace(GOAL, inputs=OLD.inputs)).op is Op.SAME
    assert choice.component(OLD, GOAL).op is Op.UPDATE


def test_children_inherit_what_they_leave_unset() -> None:
    parent = dataclasses.replace(GOAL, protect=True, retain_on_delete=True, deleted_with="urn:x")
    child = choice.inherit(GOAL, parent)
    assert (child.protect, child.retain_on_delete, child.deleted_with) == (True, True, "urn:x")
    own = dataclasses.replace(GOAL, protect=False, retain_on_delete=False, deleted_with="urn:y")
    child = choice.inherit(own, parent)
    assert (child.protect, child.retain_on_delete, child.deleted_with) == (False, False, "urn:y")
    assert choice.inherit(GOAL, None) is GOAL


def test_ignored_paths_keep_the_recorded_value() -> None:
    goal = dataclasses.replace(GOAL, inputs={"a": 2, "b": {"c": 2}}, ignore_changes=("a",))
    assert choice.with_ignored(goal, OLD) == {"a": 1, "b": {"c": 2}}
    assert choice.with_ignored(goal, None) == goal.inputs
    with pytest.raises(EngineError, match="ignore_changes: 'a\\[' is no property path"):
        choice.with_ignored(dataclasses.replace(goal, ignore_changes=("a[",)), OLD)
