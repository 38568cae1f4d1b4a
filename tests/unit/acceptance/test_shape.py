"""Looking into JSON of any shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acceptance.shape import at, is_count

pytestmark = pytest.mark.unit

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner))


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": [{"b": 1}]}, ("a", 0, "b"), 1),
        ({"a": [{"b": 1}]}, ("a", 1, "b"), None),
        ({"a": []}, ("a", 0), None),
        ({"a": {"0": 1}}, ("a", 0), None),
        ({"a": "text"}, ("a", 0), None),
        ({"a": 5}, ("a", 0), None),
        ([1], ("a",), None),
        ("text", ("a",), None),
        (7, (), 7),
    ],
)
def test_what_stands_at_a_path(value: Any, path: tuple[str | int, ...], found: Any) -> None:
    assert at(value, *path) == found


@given(value=JSON, path=st.lists(st.text(max_size=2) | st.integers(0, 2), max_size=4))
def test_no_path_breaks_it(value: Any, path: list[str | int]) -> None:
    at(value, *path)


@pytest.mark.parametrize(
    ("value", "counts"), [(0, True), (7, True), (-1, False), (True, False), (1.0, False), ("1", False)]
)
def test_what_counts(value: Any, counts: bool) -> None:
    assert is_count(value) is counts
