"""What goes wrong, and how the next run goes on, on both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import Stack

pytestmark = pytest.mark.engine

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_failed_create_leaves_the_rest_recorded(stack: Stack) -> None:
    stack.program('a = Thing("a", value="1")\nb = Thing("b", value=a.value)\nThing("c", value=b.value)')
    stack.fault("create-before", "b", "error the quota is used up")
    failed = stack.up()
    assert failed.code != 0
    assert "the quota is used up" in failed.output
    assert [entry["urn"].split("::")[-1] for entry in stack.resources()] == ["a"]
    assert ("create", "c") not in stack.calls("create")
    assert stack.up().code == 0
    assert len(stack.resources()) == 3


def test_failed_update_keeps_the_old_state(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.up()
    stack.program('Thing("a", value="2")')
    stack.fault("update-before", "a", "error no")
    assert stack.up().code != 0
    assert stack.resource("a")["inputs"] == {"value": "1"}
    assert stack.up().code == 0
    assert stack.resource("a")["inputs"] == {"value": "2"}


def test_check_failures_stop_the_run_before_anything_is_done(stack: Stack) -> None:
    stack.program('Thing("a", value="bad")')
    preview = stack.preview()
    assert preview.code != 0
    assert "must not be bad" in preview.output
    assert stack.up().code != 0
    assert stack.resources() == []


def test_init_failure_of_a_create_is_recorded_and_retried_as_an_update(stack: Stack) -> None:
    stack.program('a = Thing("a", value="1")\nThing("b", value=a.value)')
    stack.fault("create", "a", "init never got healthy")
    failed = stack.up()
    assert failed.code != 0
    assert "never got healthy" in failed.output
    entry = stack.resource("a")
    assert entry["initErrors"] == ["never got healthy"]
    assert entry["id"] in stack.things()
    assert stack.preview().changes == {("update", "a"), ("create", "b")}
    stack.forget_calls()
    assert stack.up().code == 0
    assert stack.calls("create", "update") == [("update", "a"), ("create", "b")]
    assert "initErrors" not in stack.resource("a")


def test_a_half_made_resource_is_kept_however_much_it_holds(stack: Stack) -> None:
    stack.program(f'Thing("a", value="{"x" * 200_000}")')
    stack.fault("create", "a", "init still ill")
    assert stack.up().code != 0
    assert len(stack.resource("a")["inputs"]["value"]) == 200_000


def test_init_failure_of_an_update_keeps_old_inputs_and_outlives_a_refresh(
    stack: Stack,
) -> None:
    stack.program('Thing("a", value="1")')
    stack.up()
    stack.program('Thing("a", value="2")')
    stack.fault("update", "a", "init still ill")
    assert stack.up().code != 0
    entry = stack.resource("a")
    assert (entry["inputs"]["value"], entry["outputs"]["value"]) == ("1", "2")
    assert entry["initErrors"] == ["still ill"]
    stack.program('Thing("a", value="1")')
    stack.fault("read", "a", "init ill as before")
    refreshed = stack.run("refresh", "--skip-preview")
    assert refreshed.code == 0, refreshed.output
    assert "ill as before" in refreshed.output
    assert stack.resource("a")["initErrors"] == ["ill as before"]
    assert stack.up().code == 0
    assert stack.resource("a")["outputs"]["made"] == 3


def test_failed_delete_keeps_the_entry(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.up()
    stack.fault("delete", "a", "error in use")
    failed = stack.run("destroy", "--skip-preview")
    assert failed.code != 0
    assert "in use" in failed.output
    assert len(stack.resources()) == 1
    assert stack.run("destroy", "--skip-preview").code == 0
    assert stack.resources() == []


def test_program_error_deletes_nothing_and_keeps_old_outputs(stack: Stack) -> None:
    stack.program('Thing("a", value="1")\nb = Thing("b", value="1")\npulumi.export("b", b.value)')
    stack.up()
    stack.forget_calls()
    stack.program('Thing("a", value="2")\nraise RuntimeError("the program is wrong")')
    failed = stack.up()
    assert failed.code != 0
    assert "the program is wrong" in failed.output
    assert stack.calls("delete") == []
    assert len(stack.resources()) == 2
    assert stack.outputs() == {"b": "1"}


def test_run_error_shows_its_message_only(stack: Stack) -> None:
    stack.program('raise pulumi.RunError("the setting x is missing")')
    failed = stack.up()
    assert failed.code != 0
    assert "the setting x is missing" in failed.output
    assert "Traceback" not in failed.output
    assert "RunError" not in failed.output


def test_duplicate_names_are_refused(stack: Stack) -> None:
    stack.program('Thing("a", value="1")\nThing("a", value="2")')
    failed = stack.preview()
    assert failed.code != 0
    assert "Duplicate resource URN" in failed.output


def test_functions_and_their_failures(stack: Stack) -> None:
    stack.program('pulumi.export("twice", double("ab"))')
    assert stack.up().code == 0
    assert stack.outputs() == {"twice": "abab"}
    for text, words in (("fail", "the function was asked to fail"), ("refuse", "refused")):
        stack.program(f'double("{text}")')
        failed = stack.preview()
        assert failed.code != 0
        assert words in failed.output
    stack.program('try:\n    double("fail")\nexcept Exception:\n    pulumi.export("caught", True)')
    assert stack.up().code == 0
    assert stack.outputs() == {"caught": True}


def test_plugin_that_dies_is_one_clear_failure(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.fault("create-before", "a", "crash")
    failed = stack.up()
    assert failed.code != 0
    assert stack.up().code == 0
    assert len(stack.resources()) == 1


def test_unknown_value_in_a_real_result_is_the_providers_error(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.fault("create", "a", "unknown")
    assert stack.up().code != 0
    assert UNKNOWN not in json.dumps(stack.export())
