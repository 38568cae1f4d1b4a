"""What people see of a change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.engine import diffs
from localcloud.engine.codec import UNKNOWN, Secret
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op, Step

pytestmark = pytest.mark.unit

URN = "urn:pulumi:dev::demo::p:i:T::t"


def step(op: Any, old: Any, new: Any, **outputs: Any) -> Any:
    before = ResourceState(URN, "p:i:T", custom=True, inputs=old, outputs=outputs.get("before", {}))
    after = ResourceState(URN, "p:i:T", custom=True, inputs=new, outputs=outputs.get("after", {}))
    return Step(op, URN, before, after)


@pytest.mark.parametrize(("old", "new", "line"), [
    ({"secrets": {"KEY": "s/versions/3"}}, {"secrets": {"KEY": "s/versions/4"}},
     '~ secrets.KEY: "s/versions/3" => "s/versions/4"'),
    ({}, {"a": [1]}, "+ a: [1]"),
    ({"a": None}, {}, "- a: null"),
    ({"a": Secret("canary")}, {"a": Secret("other")}, "~ a: [secret] => [secret]"),
    ({"a": Secret({"b": "canary"})}, {"a": Secret({"b": "other"})}, "~ a.b: [secret] => [secret]"),
    ({"a": "canary"}, {"a": UNKNOWN}, '~ a: "canary" => output<value>'),
    ({"a": 1}, {"a": {"b": Secret("canary")}}, '~ a: 1 => {"b": "[secret]"}'),
    ({"a": "x" * 300}, {}, f'- a: "{"x" * 199}…'),
])  # fmt: skip
def test_lines(old: Any, new: Any, line: Any) -> None:
    assert [str(change) for change in diffs.of_step(step(Op.UPDATE, old, new))] == [line]


def test_changes_are_json_data() -> None:
    change = diffs.of_step(step(Op.UPDATE, {"a": Secret(1)}, {"a": UNKNOWN}))[0]
    assert json.loads(json.dumps(vars(change))) == {
        "path": "a",
        "kind": "update",
        "old": "[secret]",
        "new": "output<value>",
    }


def test_a_refresh_shows_outputs_where_inputs_are_the_same() -> None:
    changed = step(Op.REFRESH, {"a": 1}, {"a": 1}, before={"x": 1}, after={"x": 2})
    assert [str(change) for change in diffs.of_step(changed)] == ["~ x: 1 => 2"]
    assert diffs.of_step(step(Op.UPDATE, {"a": 1}, {"a": 1}, before={"x": 1}, after={"x": 2})) == []


def test_creates_and_deletes_show_their_inputs() -> None:
    state = ResourceState(URN, "p:i:T", custom=True, inputs={"a": 1, "__internal": {}})
    assert [str(change) for change in diffs.of_step(Step(Op.CREATE, URN, None, state))] == ["+ a: 1"]
    assert [str(change) for change in diffs.of_step(Step(Op.DELETE, URN, state))] == ["- a: 1"]
