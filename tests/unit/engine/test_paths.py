"""Property paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine import paths
from localcloud.engine.codec import Secret
from localcloud.engine.errors import EngineError

pytestmark = pytest.mark.unit

PARTS = st.lists(st.integers(0, 99) | st.text(min_size=1), min_size=1, max_size=5)


@given(PARTS)
def test_text_and_parse_are_inverse(parts: Any) -> None:
    assert list(paths.parse(paths.text(parts))) == parts


@pytest.mark.parametrize(("text", "parts"), [
    ("a.b[0].c", ("a", "b", 0, "c")),
    ('a["x.y"].b', ("a", "x.y", "b")),
    ('["a"]', ("a",)),
    ("a[*].b", ("a", "*", "b")),
    ("*", ("*",)),
])  # fmt: skip
def test_known_forms(text: str, parts: Any) -> None:
    assert paths.parse(text) == parts


@pytest.mark.parametrize("text", ["a[", "a[x]", 'a["b]', "a..b"])
def test_unreadable_paths(text: str) -> None:
    with pytest.raises(EngineError, match="no property path"):
        paths.parse(text)


@pytest.mark.parametrize(("path", "pattern", "expected"), [
    ("a.b", "a", True),
    ("a", "a.b", True),
    ("a.b[2].c", "a.b[*].c", True),
    ("ab", "a", False),
    ("a.c", "a.b", False),
    ("x.y", "*", True),
])  # fmt: skip
def test_below(path: str, pattern: Any, expected: Any) -> None:
    assert paths.below(path, [pattern]) is expected


@pytest.mark.parametrize(("old", "new", "expected"), [
    ({"a": 1}, {"a": 1}, []),
    ({"a": Secret(1)}, {"a": 1}, []),
    ({"a": 1}, {"a": True}, ["a"]),
    ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3, 4]}}, ["a.b[1]", "a.b[2]"]),
    ({"a": 1, "b": 2}, {"b": 3, "c": 4}, ["a", "b", "c"]),
    ({"a": {"b": 1}}, {"a": [1]}, ["a"]),
])  # fmt: skip
def test_differences(old: Any, new: Any, expected: Any) -> None:
    assert list(paths.differences(old, new)) == expected


@pytest.mark.parametrize(("new", "old", "path", "expected"), [
    ({"a": 2}, {"a": 1}, "a", {"a": 1}),
    ({"a": 2}, {}, "a", {}),
    ({}, {"a": 1}, "a", {"a": 1}),
    ({"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 1}}, "a.b", {"a": {"b": 1, "c": 2}}),
    ({"a": [{"b": 2}, {"b": 2}]}, {"a": [{"b": 1}]}, "a[*].b", {"a": [{"b": 1}, {"b": 2}]}),
    ({"a": [2, 2]}, {"a": [1, 1]}, "a[1]", {"a": [2, 1]}),
    ({"a": 2, "b": 2}, {"a": 1}, "*", {"a": 1}),
    ({"a": Secret({"b": 2})}, {"a": Secret({"b": 1})}, "a.b", {"a": Secret({"b": 1})}),
    ({}, {"a": {"b": 1}}, "a.b", {}),
])  # fmt: skip
def test_reset(new: Any, old: Any, path: str, expected: Any) -> None:
    assert paths.reset(new, old, [path]) == expected


def test_reset_leaves_its_arguments_alone() -> None:
    new: Any = {"a": {"b": 2}}
    old: Any = {"a": {"b": [1]}}
    result: Any = paths.reset(new, old, ["a.b"])
    result["a"]["b"].append(2)
    assert (new, old) == ({"a": {"b": 2}}, {"a": {"b": [1]}})
