"""Whatever a peer sends is read or refused by name, and no secret loses its mark on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.codec import CodecError, decode, encode, has_unknowns
from tests.unit.outcomes import outcome
from tests.unit.structs import CANARY, SIGNATURES, structs

pytestmark = pytest.mark.unit

ANY_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


def open_texts(value: struct_pb2.Value | struct_pb2.Struct) -> Iterator[str]:
    """The texts that stand in `value` outside of any secret."""
    if isinstance(value, struct_pb2.Struct):
        if value.fields.get(codec.SIGNATURE_KEY, struct_pb2.Value()).string_value != codec.SECRET_SIGNATURE:
            for item in value.fields.values():
                yield from open_texts(item)
    elif value.HasField("struct_value"):
        yield from open_texts(value.struct_value)
    elif value.HasField("list_value"):
        for item in value.list_value.values:
            yield from open_texts(item)
    else:
        yield value.string_value


def typed(values: Any) -> str:
    """A text in which 1, 1.0 and True differ."""
    return json.dumps(values, sort_keys=True, default=repr)


@given(structs())
def test_a_struct_is_read_or_refused_by_name(sent: struct_pb2.Struct) -> None:
    decoded, problem = outcome(CodecError, decode, sent)
    if problem:
        assert problem.startswith(tuple(sent.fields)), "the property is not named"
        return
    again = decode(encode(decoded.values, decoded.secrets))
    assert typed(again.values) == typed(decoded.values)


@given(structs(signatures=(codec.SECRET_SIGNATURE,), finite=True))
def test_what_came_as_a_secret_is_sent_as_one(sent: struct_pb2.Struct) -> None:
    decoded = decode(sent)
    canaries = {text for text in str(sent).split('"') if text.startswith(CANARY)}
    assert canaries == {text for text in decoded.secret_texts() if text.startswith(CANARY)}
    back = encode(decoded.values, decoded.secrets)
    assert not canaries & {text for item in back.fields.values() for text in open_texts(item)}


@given(structs(signatures=(codec.SECRET_SIGNATURE,), finite=True))
def test_unknowns_stay_unknown(sent: struct_pb2.Struct) -> None:
    decoded = decode(sent)
    assert has_unknowns(decoded.values) == any(text in str(sent) for text in codec.UNKNOWN_TEXTS)
    back = decode(encode(decoded.values, decoded.secrets))
    assert str(back.values).count(str(UNKNOWN)) == str(decoded.values).count(str(UNKNOWN))


@given(st.dictionaries(st.text(max_size=4), ANY_VALUES, min_size=1, max_size=3))
def test_what_a_handler_gives_is_sent_or_refused_by_name(values: dict[str, Any]) -> None:
    sent, problem = outcome(CodecError, encode, values)
    if problem:
        assert problem.startswith(tuple(values))
        return
    assert struct_pb2.Struct.FromString(sent.SerializeToString()) == sent


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400, "\ud800"])
def test_what_the_wire_cannot_hold_is_refused_by_name(value: Any) -> None:
    with pytest.raises(CodecError, match=r"^limits holds"):
        encode({"limits": [{"memory": value}]})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_by_name(number: float) -> None:
    sent = struct_pb2.Struct()
    sent.update({"limits": {"memory": number}})
    with pytest.raises(CodecError, match=rf"^limits\.memory is {number}: give a finite number"):
        decode(sent)


@pytest.mark.parametrize("text", sorted(codec.UNKNOWN_TEXTS))
def test_an_unknown_of_any_type_is_one(text: str) -> None:
    sent = struct_pb2.Struct()
    sent.update({"port": [text]})
    assert decode(sent).values == {"port": [UNKNOWN]}


@pytest.mark.parametrize("signature", [each for each in SIGNATURES if each != codec.SECRET_SIGNATURE])
def test_every_other_signature_is_refused(signature: str) -> None:
    sent = struct_pb2.Struct()
    sent.update({"gate": {codec.SIGNATURE_KEY: signature}})
    with pytest.raises(CodecError, match=r"^gate is an asset"):
        decode(sent)
