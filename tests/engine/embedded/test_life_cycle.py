"""From nothing to a stack and back: create, same, update, replace, delete, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import Stack

pytestmark = pytest.mark.engine

PROGRAM = """
group = Group("group")
first = Thing("first", value="one", opts=Options(parent=group))
second = Thing("second", value=first.made.apply(lambda made: f"made {made}"))
group.register_outputs({"value": first.value})
pulumi.export("second", second.value)
"""


def test_preview_up_again_destroy(stack: Stack) -> None:
    stack.program(PROGRAM)
    preview = stack.preview()
    assert preview.code == 0, preview.output
    assert preview.steps == {("create", name) for name in ("demo-dev", "group", "first", "second")}
    assert stack.resources() == [], "a preview writes nothing"

    assert stack.up().code == 0
    assert stack.outputs() == {"second": "made 1"}
    assert stack.calls("create") == [("create", "first"), ("create", "second")]
    assert stack.resource("first")["parent"].endswith("::group")
    assert stack.resource("second")["propertyDependencies"]["value"] == [stack.resource("first")["urn"]]
    assert stack.resource("group")["outputs"] == {"value": "one"}

    stack.forget_calls()
    assert stack.preview("--expect-no-changes").code == 0
    assert stack.up("--expect-no-changes").code == 0
    assert stack.calls("create", "update", "delete") == []

    assert stack.run("destroy", "--skip-preview").code == 0
    assert stack.calls("delete") == [("delete", "second"), ("delete", "first")]
    assert stack.things() == {}
    assert stack.resources() == []


def test_update_passes_new_outputs_on(stack: Stack) -> None:
    stack.program(PROGRAM)
    stack.up()
    stack.forget_calls()
    stack.program(PROGRAM.replace('"one"', '"two"'))
    assert stack.preview().changes == {("update", "first"), ("update", "second")}
    changed = stack.up("--expect-no-changes")
    assert changed.code != 0, "changes were made"
    assert stack.calls("update") == [("update", "first"), ("update", "second")]
    assert stack.outputs() == {"second": "made 2"}


def test_what_left_the_program_is_deleted_dependants_first(stack: Stack) -> None:
    dependent = 'b = Thing("b", value="1", opts=Options(depends_on=[a]))'
    stack.program(f'a = Thing("a", value="1")\n{dependent}\nThing("c", value="1")')
    stack.up()
    stack.program('Thing("c", value="1")')
    assert stack.preview().changes == {("delete", "a"), ("delete", "b")}
    assert stack.up().code == 0
    assert stack.calls("delete") == [("delete", "b"), ("delete", "a")]
    assert [entry["urn"].split("::")[-1] for entry in stack.resources()] == ["c"]


def test_replacement_creates_before_it_deletes(stack: Stack) -> None:
    stack.program('Thing("a", key="1")')
    stack.up()
    old = stack.resource("a")["id"]
    stack.forget_calls()
    stack.program('Thing("a", key="2")')
    assert stack.preview().changes == {("replace", "a")}
    assert stack.up().code == 0
    assert stack.calls("create", "delete") == [("create", "a"), ("delete", "a")]
    assert stack.resource("a")["id"] != old
    assert list(stack.things()) == [stack.resource("a")["id"]]
    assert stack.entries("check")[-1]["olds"] == {}, "a replacement is checked like a new resource"


def test_failed_delete_of_the_replaced_is_tried_again(stack: Stack) -> None:
    stack.program('Thing("a", key="1")')
    stack.up()
    stack.program('Thing("a", key="2")')
    stack.fault("delete", "a", "error no")
    assert stack.up().code != 0
    assert [bool(entry.get("delete")) for entry in stack.resources()] == [False, True]
    stack.forget_calls()
    assert stack.up().code == 0
    assert stack.calls("create", "update", "delete") == [("delete", "a")]
    assert len(stack.resources()) == 1


def test_delete_before_replace_takes_its_dependants_along(stack: Stack) -> None:
    program = """
    a = Thing("a", unique="{}")
    b = Thing("b", key=a.made.apply(str))
    c = Thing("c", value=a.made.apply(str))
    """
    stack.program(program.format(1))
    stack.up()
    stack.forget_calls()
    stack.program(program.format(2))
    assert {("replace", "a"), ("replace", "b")} <= stack.preview().changes
    assert stack.up().code == 0
    done = stack.calls("create", "delete")
    assert done == [("delete", "b"), ("delete", "a"), ("create", "a"), ("create", "b")]
    checks = [entry["olds"] for entry in stack.entries("check") if entry["urn"].endswith("::a")]
    assert checks[-1] == {}, "a replacement is checked like a new resource"
    assert not any(entry.get("pendingReplacement") for entry in stack.resources())


def test_delete_before_replace_may_be_asked_for_and_refused(stack: Stack) -> None:
    stack.program('Thing("a", key="1")\nThing("b", unique="1")')
    stack.up()
    stack.forget_calls()
    stack.program(
        """
        Thing("a", key="2", opts=Options(delete_before_replace=True))
        Thing("b", unique="2", opts=Options(delete_before_replace=False))
        """
    )
    assert stack.up().code == 0
    done = stack.calls("create", "delete")
    assert done.index(("delete", "a")) < done.index(("create", "a"))
    assert done.index(("create", "b")) < done.index(("delete", "b"))


def test_interrupted_replacement_is_finished(stack: Stack) -> None:
    stack.program('Thing("a", unique="1")')
    stack.up()
    stack.program('Thing("a", unique="2")')
    stack.fault("create-before", "a", "error no")
    assert stack.up().code != 0
    assert stack.resource("a")["pendingReplacement"] is True
    stack.forget_calls()
    assert stack.preview().changes == {("replace", "a")}
    assert stack.up().code == 0
    assert stack.calls("create", "delete") == [("create", "a")]
    assert "pendingReplacement" not in stack.resource("a")


def test_replacement_that_is_not_wanted_any_more_is_dropped(stack: Stack) -> None:
    stack.program('Thing("a", unique="1")\nThing("b", value="1")')
    stack.up()
    stack.program('Thing("a", unique="2")\nThing("b", value="1")')
    stack.fault("create-before", "a", "error no")
    stack.up()
    stack.forget_calls()
    stack.program('Thing("b", value="1")')
    assert stack.up().code == 0
    assert stack.calls("delete") == []
    assert [entry["urn"].split("::")[-1] for entry in stack.resources()] == ["b"]
