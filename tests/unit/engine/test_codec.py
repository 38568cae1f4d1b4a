"""Property values survive the wire and JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine import codec
from localcloud.engine.codec import SECRET_SIGNATURE, SIGNATURE, UNKNOWN, UNKNOWN_SENTINEL, Secret
from localcloud.engine.errors import EngineError

pytestmark = pytest.mark.unit

TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text != UNKNOWN_SENTINEL)
KEYS = TEXT.filter(lambda key: key != SIGNATURE)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
VALUES = st.recursive(
    PLAIN | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4) | inner.map(codec.secret),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_wire_round_trip(properties: Any) -> None:
    decoded = codec.decode(codec.encode(properties))
    assert decoded == properties
    assert repr(decoded) == repr(codec.decode(codec.encode(decoded)))


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_encoding_without_secrets_is_unwrapping(properties: Any) -> None:
    assert codec.decode(codec.encode(properties, secrets=False)) == codec.unwrap(properties)
    assert not codec.contains_secret(codec.unwrap(properties))


def test_whole_numbers_are_integers_and_booleans_stay_booleans() -> None:
    struct = Struct()
    struct.update({"port": 4000.0, "ratio": 0.5, "on": True, "large": 1e300})
    decoded = codec.decode(struct)
    assert json.dumps(decoded, sort_keys=True) == '{"large": 1e+300, "on": true, "port": 4000, "ratio": 0.5}'


def test_numbers_json_cannot_hold_are_refused() -> None:
    with pytest.raises(EngineError, match="no number"):
        codec.number(float("nan"))


@pytest.mark.parametrize(("fields", "value"), [
    ({"value": "x", "secret": True}, Secret("x")),
    ({"value": "x"}, "x"),
    ({}, UNKNOWN),
    ({"secret": True}, Secret(UNKNOWN)),
])  # fmt: skip
def test_output_values_are_understood(fields: Any, value: Any) -> None:
    struct = Struct()
    struct.update({"a": {SIGNATURE: codec.OUTPUT_SIGNATURE, **fields}})
    assert codec.decode(struct) == {"a": value}


@pytest.mark.parametrize(("signature", "what"), codec.REFUSED_SIGNATURES.items())
def test_assets_and_references_are_refused_by_name(signature: str, what: str) -> None:
    struct = Struct()
    struct.update({"a": [{SIGNATURE: signature}]})
    with pytest.raises(EngineError, match=f"does not support {what}"):
        codec.decode(struct)


def test_secrets_are_marked_once_and_never_shown() -> None:
    once = codec.secret(codec.secret("x"))
    assert once == Secret("x")
    assert "x" not in repr([once])
    struct = codec.encode({"a": once})
    assert struct.fields["a"].struct_value.fields[SIGNATURE].string_value == SECRET_SIGNATURE


@pytest.mark.parametrize(("value", "unknown", "hidden"), [
    ({"a": [1, {"b": UNKNOWN}]}, True, False),
    (Secret([UNKNOWN]), True, True),
    ([{"a": Secret(1)}], False, True),
    ({"a": None}, False, False),
])  # fmt: skip
def test_unknowns_and_secrets_are_found_at_any_depth(value: Any, unknown: Any, hidden: Any) -> None:
    assert (codec.contains_unknown(value), codec.contains_secret(value)) == (unknown, hidden)
