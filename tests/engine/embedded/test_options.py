"""Resource options, on both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.embedded.conftest import Stack

pytestmark = pytest.mark.engine


def test_protect_refuses_delete_and_replacement(stack: Stack) -> None:
    stack.program('group = Group("g", Options(protect=True))\nThing("a", key="1", opts=Options(parent=group))')
    stack.up()
    assert stack.resource("a")["protect"] is True, "inherited from the parent"
    stack.forget_calls()
    stack.program('group = Group("g", Options(protect=True))\nThing("a", key="2", opts=Options(parent=group))')
    assert stack.preview().code != 0
    assert stack.up().code != 0
    stack.program('Thing("b", value="1")')
    refused = stack.preview()
    assert refused.code != 0
    assert "protect" in refused.output
    assert stack.up().code != 0
    assert stack.run("destroy", "--skip-preview").code != 0
    assert ("delete", "a") not in stack.calls("delete")
    assert [thing for thing in stack.things() if thing.startswith("a")], "what is protected is still there"

    stack.program('group = Group("g")\nThing("a", key="1", opts=Options(parent=group))')
    assert stack.up().code == 0
    assert stack.run("destroy", "--skip-preview").code == 0
    assert stack.things() == {}


def test_retain_on_delete_and_deleted_with_call_nobody(stack: Stack) -> None:
    stack.program(
        """
        a = Thing("a", value="1")
        Thing("b", value="1", opts=Options(retain_on_delete=True))
        Thing("c", value="1", opts=Options(deleted_with=a))
        """
    )
    stack.up()
    assert stack.run("destroy", "--skip-preview").code == 0
    assert stack.calls("delete") == [("delete", "a")]
    assert sorted(thing.partition("-")[0] for thing in stack.things()) == ["b", "c"]
    assert stack.resources() == []


def test_deleted_with_follows_a_replacement(stack: Stack) -> None:
    program = 'a = Thing("a", key="{}")\nThing("c", value="1", opts=Options(deleted_with=a))'
    stack.program(program.format(1))
    stack.up()
    stack.forget_calls()
    stack.program(program.format(2))
    assert stack.preview().changes == {("replace", "a"), ("replace", "c")}
    assert stack.up().code == 0
    assert stack.calls("create", "delete") == [("create", "a"), ("create", "c"), ("delete", "a")]


def test_ignore_changes_keeps_the_recorded_value(stack: Stack) -> None:
    program = 'Thing("a", value="{0}", nested={{"x": "{0}", "y": ["{0}"]}}, opts=Options(ignore_changes=[{1}]))'
    stack.program(program.format("1", '"value", "nested.x"'))
    stack.up()
    stack.forget_calls()
    stack.program(program.format("2", '"value", "nested.x"'))
    assert stack.up().code == 0
    assert stack.calls("update") == [("update", "a")]
    assert stack.resource("a")["inputs"] == {"value": "1", "nested": {"x": "1", "y": ["2"]}}
    assert stack.entries("update")[-1]["ignore"] == ["value", "nested.x"]


def test_replace_on_changes_turns_an_update_into_a_replacement(stack: Stack) -> None:
    program = 'Thing("a", value="{0}", nested={{"x": "{0}"}}, opts=Options(replace_on_changes=["nested.x"]))'
    stack.program(program.format(1))
    stack.up()
    stack.program(program.format(2))
    assert stack.preview().changes == {("replace", "a")}
    stack.program(program.format(1).replace('value="1"', 'value="2"'))
    assert stack.preview().changes == {("update", "a")}


def test_replacement_trigger(stack: Stack) -> None:
    program = 'Thing("a", value="1", opts=Options(replacement_trigger={}))'
    stack.program(program.format('"x"'))
    stack.up()
    assert stack.preview("--expect-no-changes").code == 0
    stack.program(program.format('"y"'))
    assert stack.preview().changes == {("replace", "a")}
    stack.program('Thing("a", value="1")')
    assert stack.preview("--expect-no-changes").code == 0


def test_custom_timeouts_reach_the_provider_in_seconds(stack: Stack) -> None:
    timeouts = 'opts=Options(custom_timeouts=pulumi.CustomTimeouts(create="1m30s", update="5m", delete="1.5s"))'
    stack.program(f'Thing("a", value="1", {timeouts})')
    stack.up()
    stack.program(f'Thing("a", value="2", {timeouts})')
    stack.up()
    stack.run("destroy", "--skip-preview")
    assert [entry["timeout"] for entry in stack.entries("create")] == [90]
    assert [entry["timeout"] for entry in stack.entries("update")] == [300]
    assert [entry["timeout"] for entry in stack.entries("delete")] == [1.5]


def test_aliases_keep_a_renamed_resource_and_its_children(stack: Stack) -> None:
    child = 'a = Thing("a", value="1", opts=Options(parent=group))'
    stack.program(f'group = Group("old")\n{child}\nThing("b", value=a.value)')
    stack.up()
    stack.forget_calls()
    stack.program(
        """
        group = Group("new", Options(aliases=[pulumi.Alias(name="old")]))
        a = Thing("a", value="1", opts=Options(parent=group))
        Thing("b", value=a.value)
        """
    )
    assert stack.preview().changes == set()
    assert stack.up().code == 0
    assert stack.calls("create", "update", "delete") == []
    assert stack.resource("a")["parent"].endswith("::new")
    assert "aliases" not in stack.resource("new")


def test_moving_to_another_provider_replaces_only_where_the_provider_says_so(stack: Stack) -> None:
    program = """
    one, two = Provider("one", region="{}"), Provider("two", region="{}")
    Thing("a", value="1", opts=Options(provider={}))
    """
    stack.program(program.format("eu", "eu", "one"))
    stack.up()
    stack.program(program.format("eu", "eu", "two"))
    assert stack.preview().changes == set()
    assert stack.up().code == 0
    assert "::two::" in stack.resource("a")["provider"]
    stack.program(program.format("us", "eu", "one"))
    assert ("replace", "a") in stack.preview().changes


def test_default_providers_take_the_stack_configuration_and_can_be_disabled(stack: Stack) -> None:
    stack.settings("config:\n  probe:region: north\n")
    stack.program('Thing("a", value="1")')
    assert stack.up().code == 0
    configured = stack.entries("configure")[-1]
    assert configured["config"] == {"probe:config:region": "north"}
    assert json.loads(configured["env"]) == {"region": "north"}
    stack.settings('config:\n  pulumi:disable-default-providers: ["probe"]\n')
    refused = stack.preview()
    assert refused.code != 0
    assert "disable" in refused.output


def test_unused_default_provider_is_deleted(stack: Stack) -> None:
    stack.program('Thing("a", value="1")')
    stack.up()
    stack.program('Thing("a", value="1", opts=Options(provider=Provider("p", region="eu")))')
    assert stack.up().code == 0
    resources = stack.export()["deployment"]["resources"]
    providers = [entry["urn"] for entry in resources if entry["type"].startswith("pulumi:providers:")]
    assert [urn.split("::")[-1] for urn in providers] == ["p"]


def test_provider_with_unknown_configuration_is_not_asked(stack: Stack) -> None:
    stack.program(
        """
        a = Thing("a", value="1")
        p = Provider("p", region=a.token)
        b = Thing("b", value="1", opts=Options(provider=p))
        pulumi.export("b", b.made)
        """
    )
    preview = stack.preview()
    assert preview.code == 0, preview.output
    assert ("create", "b") in preview.steps
    assert ("check", "b") not in stack.calls("check")
    assert stack.up().code == 0
    assert stack.outputs() == {"b": 1}


def test_provider_whose_configuration_becomes_unknown_is_asked_what_that_means(stack: Stack) -> None:
    program = """
    a = Thing("a", key="{}")
    p = Provider("p", region=a.token)
    Thing("b", value="1", opts=Options(provider=p))
    """
    stack.program(program.format(1))
    assert stack.up().code == 0
    stack.program(program.format(2))
    preview = stack.preview()
    assert preview.code == 0, preview.output
    assert preview.changes == {("replace", name) for name in ("a", "p", "b")}
    assert stack.up().code == 0
