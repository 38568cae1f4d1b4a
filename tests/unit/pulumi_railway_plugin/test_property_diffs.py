"""What a preview shows: each changed field under its own name, with the right kind."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_railway.handlers.base import UNKNOWN, Diff
from pulumi_railway.plugin import property_diffs
from pulumi_railway.plugin.protocol import provider_pb2

pytestmark = pytest.mark.unit

Kind = provider_pb2.PropertyDiff.Kind


def kinds(diff: Diff, old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    return {path: Kind.Name(found.kind) for path, found in property_diffs.detailed(diff, old, new).items()}


def test_fields_are_named_one_by_one() -> None:
    old = {"name": "a", "variables": {"PORT": "1", "GONE": "x", "SAME": "s"}, "secrets": {"KEY": "versions/3"}}
    new = {"name": "b", "variables": {"PORT": "2", "NEW": "y", "SAME": "s"}, "secrets": {"KEY": "versions/4"}}
    assert kinds(Diff(changes=["name", "variables", "secrets"]), old, new) == {
        "name": "UPDATE",
        "variables.PORT": "UPDATE",
        "variables.GONE": "DELETE",
        "variables.NEW": "ADD",
        "secrets.KEY": "UPDATE",
    }


def test_lists_are_compared_by_position() -> None:
    diff = Diff(changes=["watchPatterns"])
    assert kinds(diff, {"watchPatterns": ["a", "b"]}, {"watchPatterns": ["a", "c", "d"]}) == {
        "watchPatterns[1]": "UPDATE",
        "watchPatterns[2]": "ADD",
    }
    assert kinds(diff, {"watchPatterns": ["a", "b"]}, {"watchPatterns": ["a"]}) == {"watchPatterns[1]": "DELETE"}


def test_a_field_that_comes_or_goes() -> None:
    assert kinds(Diff(changes=["a", "b"]), {"a": 1}, {"b": 2}) == {"a": "DELETE", "b": "ADD"}


def test_only_what_the_handler_calls_changed_is_shown() -> None:
    assert kinds(Diff(changes=["a"]), {"a": 1, "commit": "x"}, {"a": 2, "commit": "y"}) == {"a": "UPDATE"}


def test_what_the_handler_calls_changed_is_shown_even_where_both_sides_are_alike() -> None:
    assert kinds(Diff(changes=["secrets"]), {"secrets": {"A": "v"}}, {"secrets": {"A": "v"}}) == {"secrets": "UPDATE"}


def test_replacing_kinds() -> None:
    diff = Diff(changes=["a", "b", "c", "d"], replaces=["a", "b", "c"])
    assert kinds(diff, {"a": 1, "b": 1, "d": 1}, {"a": 2, "c": 2, "d": 2}) == {
        "a": "UPDATE_REPLACE",
        "b": "DELETE_REPLACE",
        "c": "ADD_REPLACE",
        "d": "UPDATE",
    }


def test_an_unknown_new_value_is_a_change() -> None:
    assert kinds(Diff(changes=["triggers"]), {"triggers": {"a": "1"}}, {"triggers": {"a": UNKNOWN}}) == {
        "triggers.a": "UPDATE"
    }


def test_a_change_of_shape_is_one_change() -> None:
    assert kinds(Diff(changes=["a"]), {"a": {"b": 1}}, {"a": [1]}) == {"a": "UPDATE"}


@pytest.mark.parametrize(
    ("key", "path"), [("a.b", 'm["a.b"]'), ('q"\\', 'm["q\\"\\\\"]'), ("europe-west4", 'm["europe-west4"]')]
)
def test_keys_that_are_no_names_are_quoted(key: str, path: str) -> None:
    assert kinds(Diff(changes=["m"]), {"m": {}}, {"m": {key: 1}}) == {path: "ADD"}


def test_response_of_a_change() -> None:
    answer = property_diffs.response(Diff(["a"], ["a"], delete_before_replace=True), {"a": 1}, {"a": 2})
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.diffs) == list(answer.replaces) == ["a"]
    assert answer.deleteBeforeReplace
    assert answer.hasDetailedDiff
    assert answer.detailedDiff["a"].inputDiff


def test_response_of_no_change() -> None:
    answer = property_diffs.response(Diff(), {"commit": "a"}, {"commit": "b"})
    assert answer == provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
