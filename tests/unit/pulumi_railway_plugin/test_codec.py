"""Structs to values and back: nothing is lost, and no secret loses its mark."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.codec import CodecError, decode, encode, has_unknowns

pytestmark = pytest.mark.unit

LARGEST_WHOLE_DOUBLE = 2**53
keys = st.text(min_size=1, max_size=8).filter(lambda key: key != codec.SIGNATURE_KEY)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_WHOLE_DOUBLE, LARGEST_WHOLE_DOUBLE)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | st.text(max_size=8)
    | st.just(UNKNOWN)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
properties = st.dictionaries(keys, values, max_size=4)
few_keys = st.sampled_from("ab")
related = st.dictionaries(
    few_keys, st.recursive(st.integers(0, 1), lambda inner: st.dictionaries(few_keys, inner, max_size=2)), max_size=2
)
"""Trees that often have paths in common."""


def paths(tree: Any, here: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every path of maps in a tree, the empty one left out."""
    if not isinstance(tree, dict):
        return [here] if here else []
    found = [here] if here else []
    for key, item in tree.items():
        found += paths(item, (*here, key))
    return found


def secret(value: Any) -> dict[str, Any]:
    return {codec.SIGNATURE_KEY: codec.SECRET_SIGNATURE, "value": value}


def struct(plain: dict[str, Any]) -> struct_pb2.Struct:
    built = struct_pb2.Struct()
    built.update(plain)
    return built


@given(properties)
def test_values_come_back_as_they_were(tree: dict[str, Any]) -> None:
    decoded = decode(encode(tree))
    assert decoded.values == tree
    assert decoded.secrets == frozenset()


@pytest.mark.parametrize("number", [0, -1, 4000, 2.5, LARGEST_WHOLE_DOUBLE, True])
def test_numbers_come_back_in_their_own_type(number: float) -> None:
    back = decode(encode({"a": number})).values["a"]
    assert (back, type(back)) == (number, type(number))


@given(properties, st.data())
def test_secrets_are_wrapped_and_found_again(tree: dict[str, Any], data: st.DataObject) -> None:
    everywhere = paths(tree)
    marked = data.draw(st.sets(st.sampled_from(everywhere))) if everywhere else set()
    decoded = decode(encode(tree, marked))
    assert decoded.values == tree
    outermost = {path for path in marked if not any(path[:length] in marked for length in range(1, len(path)))}
    assert decoded.secrets == outermost


@given(related, related, st.data())
def test_no_secret_is_shown_where_the_shape_changed(
    before: dict[str, Any], after: dict[str, Any], data: st.DataObject
) -> None:
    """A path that is gone makes the nearest value above it secret, and nothing outside of that."""
    everywhere = paths(before)
    marked = data.draw(st.sets(st.sampled_from(everywhere))) if everywhere else set()
    found = decode(encode(after, marked)).secrets
    for path in marked:
        if path[0] in after:
            assert any(path[: len(wrapped)] == wrapped for wrapped in found)
    assert all(any(path[: len(wrapped)] == wrapped for path in marked) for wrapped in found)


def test_unknown_is_the_sentinel_at_any_depth() -> None:
    sentinel = codec.UNKNOWN_TEXT
    decoded = decode(struct({"a": sentinel, "b": {"c": [1, sentinel]}}))
    assert decoded.values == {"a": UNKNOWN, "b": {"c": [1, UNKNOWN]}}
    assert encode({"a": UNKNOWN})["a"] == sentinel


def test_sentinel_and_signatures_are_those_of_the_sdk() -> None:
    from pulumi.runtime import rpc  # noqa: PLC0415 - only this test needs the SDK

    assert codec.UNKNOWN_TEXT == rpc.UNKNOWN
    assert rpc._special_sig_key == codec.SIGNATURE_KEY
    assert rpc._special_secret_sig == codec.SECRET_SIGNATURE


def test_a_secret_element_makes_its_whole_list_secret() -> None:
    decoded = decode(struct({"list": [1, {"deep": secret("s3cret")}]}))
    assert decoded.values == {"list": [1, {"deep": "s3cret"}]}
    assert decoded.secrets == {("list",)}
    assert list(decoded.secret_texts()) == ["s3cret"]


def test_a_secret_map_keeps_its_mark_and_shows_its_texts() -> None:
    decoded = decode(struct({"map": secret({"a": "one", "b": secret("two"), "c": 3}), "open": "three"}))
    assert decoded.values == {"map": {"a": "one", "b": "two", "c": 3}, "open": "three"}
    assert set(decoded.secret_texts()) == {"one", "two"}
    assert decode(encode(decoded.values, decoded.secrets)).secrets == {("map",)}


def test_an_asset_is_refused_by_name() -> None:
    asset = {codec.SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    with pytest.raises(CodecError, match=r"gate\.command is an asset"):
        decode(struct({"gate": {"command": asset}}))


def test_what_the_protocol_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="object is no value"):
        encode({"a": object()})


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"a": [{"b": UNKNOWN}]}, True), ({"a": [{"b": "c"}]}, False), (UNKNOWN, True), ((1, UNKNOWN), True)],
)
def test_has_unknowns(value: Any, *, expected: bool) -> None:
    assert has_unknowns(value) is expected
