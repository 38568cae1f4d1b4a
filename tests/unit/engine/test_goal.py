"""Registration requests, decoded."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import resource_pb2

from localcloud.engine.codec import Secret
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import from_request
from localcloud.engine.state import ResourceState

pytestmark = pytest.mark.unit


def request(**fields: Any) -> Any:
    return resource_pb2.RegisterResourceRequest(type="p:i:T", name="t", custom=True, **fields)


def decoded(**fields: Any) -> Any:
    return from_request(request(**fields), "dev", "demo")


def test_unset_options_are_told_from_false_ones() -> None:
    goal = decoded()
    assert (goal.protect, goal.retain_on_delete, goal.delete_before_replace) == (None, None, None)
    goal = decoded(protect=False, retainOnDelete=True, deleteBeforeReplaceDefined=True)
    assert (goal.protect, goal.retain_on_delete, goal.delete_before_replace) == (False, True, False)


@pytest.mark.parametrize(("text", "seconds"), [
    ("90s", 90), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25), (".5m", 30), ("1h1m1s", 3661),
])  # fmt: skip
def test_durations(text: str, seconds: Any) -> None:
    assert decoded(customTimeouts={"create": text}).timeout("create") == pytest.approx(seconds)
    assert decoded(customTimeouts={"create": text}).timeout("delete") == 0


@pytest.mark.parametrize("text", ["5", "x", "5x", "5 m", "1m-"])
def test_unreadable_durations(text: str) -> None:
    with pytest.raises(EngineError, match=r"custom_timeouts.update is '.*'; it must be a duration"):
        decoded(customTimeouts={"update": text})


@pytest.mark.parametrize(("fields", "what"), [
    ({"remote": True}, "remote components"),
    ({"replace_with": ["urn:x"]}, "replace_with"),
    ({"transforms": [{"target": "x"}]}, "transforms"),
    ({"packageRef": "x"}, "parameterized packages"),
    ({"envVarMappings": {"a": "b"}}, "env_var_mappings"),
    ({"hooks": {"after_create": ["x"]}}, "resource hooks"),
])  # fmt: skip
def test_unsupported_options_are_refused_by_name(fields: Any, what: str) -> None:
    with pytest.raises(EngineError, match=f"does not support .*{what}"):
        decoded(**fields)


def test_resources_of_the_cli_itself_are_refused() -> None:
    wanted = resource_pb2.RegisterResourceRequest(type="pulumi:index:Stash", name="s", custom=True)
    with pytest.raises(EngineError, match="does not support pulumi:index:Stash"):
        from_request(wanted, "dev", "demo")


def test_state_hides_additional_secret_outputs_and_keeps_the_date_of_creation() -> None:
    goal = decoded(additionalSecretOutputs=["a"])
    old = ResourceState(goal.urn, goal.type, custom=True, created="then", modified="then", outputs={"a": Secret(1)})
    new = goal.state("1", {}, {"a": 2, "b": 3}, old)
    assert new.outputs == {"a": Secret(2), "b": 3}
    assert (new.created, new.modified != "then") == ("then", True)
    same = goal.unchanged(old, {"x": 1})
    assert (same.inputs, same.outputs, same.modified) == ({"x": 1}, {"a": Secret(1)}, "then")


def test_a_provider_records_the_plugin_that_it_asks_for() -> None:
    def inputs(**asked: Any) -> Any:
        provider = resource_pb2.RegisterResourceRequest(type="pulumi:providers:p", name="t", custom=True, **asked)
        return from_request(provider, "dev", "demo").inputs

    assert inputs() == {}
    assert inputs(version="1.2.3") == {"version": "1.2.3", "__internal": {}}
    assert inputs(pluginDownloadURL="u") == {"__internal": {"pluginDownloadURL": "u"}}
    assert decoded(version="1.2.3").inputs == {}
