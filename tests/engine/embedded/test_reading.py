"""Refresh, import and read, on both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import Stack

pytestmark = pytest.mark.engine


def outside(stack: Stack, name: str, **values: object) -> str:
    """Somebody creates or edits a thing outside the stack; returns its id."""
    ids = [id_ for id_ in stack.things() if id_.startswith(name)] or [f"{name}-outside"]
    file = stack.world / f"thing-{ids[0]}"
    before = json.loads(file.read_text()) if file.exists() else {"made": 1}
    file.write_text(json.dumps({**before, **values}))
    return ids[0]


def test_refresh_records_edits_and_drops_what_is_gone(stack: Stack) -> None:
    stack.program('Thing("a", value="1")\nThing("b", value="1")')
    stack.up()
    outside(stack, "a", value="edited")
    (stack.world / f"thing-{stack.resource('b')['id']}").unlink()
    assert stack.run("refresh", "--skip-preview", "--expect-no-changes").code != 0
    assert stack.resource("a")["inputs"] == {"value": "edited"}
    assert stack.resource("a")["outputs"]["value"] == "edited"
    assert [entry["urn"].split("::")[-1] for entry in stack.resources()] == ["a"]
    assert stack.run("refresh", "--skip-preview", "--expect-no-changes").code == 0
    assert stack.preview().changes == {("update", "a"), ("create", "b")}
    assert stack.up().code == 0
    assert {thing["value"] for thing in stack.things().values()} == {"1"}


def test_import_takes_over_and_later_runs_change_nothing(stack: Stack) -> None:
    id_ = outside(stack, "x", value="1")
    stack.program(f'Thing("a", value="1", opts=Options(import_="{id_}"))')
    assert stack.preview().changes == {("create", "demo-dev"), ("import", "a")}
    assert stack.up().code == 0
    assert stack.calls("create", "update") == []
    assert stack.resource("a")["id"] == id_
    assert stack.preview("--expect-no-changes").code == 0
    stack.program('Thing("a", value="1")')
    assert stack.preview("--expect-no-changes").code == 0


def test_import_of_what_does_not_exist_is_refused(stack: Stack) -> None:
    stack.program('Thing("a", value="1", opts=Options(import_="nothing"))')
    failed = stack.up()
    assert failed.code != 0
    assert "does not exist" in failed.output
    assert stack.resources() == []


def test_read_resources_are_external(stack: Stack) -> None:
    id_ = outside(stack, "x", value="7")
    stack.program(f'a = Thing("a", opts=Options(id="{id_}"))\npulumi.export("value", a.value)')
    assert stack.preview().code == 0
    assert stack.up().code == 0
    assert stack.outputs() == {"value": "7"}
    assert stack.resource("a")["external"] is True
    assert stack.preview("--expect-no-changes").code == 0
    stack.program("")
    assert stack.up().code == 0
    assert stack.calls("delete") == []
    assert stack.resources() == []
    stack.program('Thing("a", opts=Options(id="nothing"))')
    failed = stack.up()
    assert failed.code != 0
    assert "does not exist" in failed.output


def test_external_resource_that_is_managed_later_is_created(stack: Stack) -> None:
    id_ = outside(stack, "x", value="7")
    stack.program(f'Thing("a", opts=Options(id="{id_}"))')
    stack.up()
    stack.program('Thing("a", value="7")')
    assert stack.up().code == 0
    assert stack.calls("create", "delete") == [("create", "a")]
    assert not stack.resource("a").get("external")
    assert len(stack.resources()) == 1
