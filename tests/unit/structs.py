"""Structs as a peer may send them over Pulumi's wire: every kind of value, nested, with odd keys and odd numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf import struct_pb2
from hypothesis import strategies as st

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SIGNATURES: Final = (
    "1b47061264138c4ac30d75fd1eb44270",  # secret
    "d0e6a833031e9bbcd3f4e8bde6ca49a4",  # output
    "5cf8f73096256a8f31e491e813e4eb8e",  # resource reference
    "c44067f5952c0a294b673a41bacd8c17",  # asset
    "0def7320c3a5731c473e5ecbe6d01bc7",  # archive
    "803fd3297a5875dc03ca845dda5d2a98",  # text that is not UTF-8
    "nobody's",
    "",
)
UNKNOWNS: Final = ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", "3eeb2bf0-c639-47a8-9e75-3b44932eb421")
CANARY: Final = "canary"
"""How the texts within secrets begin; no other text does."""

_TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_KEYS: Final = _TEXTS | st.sampled_from(["a.b", "a[0]", "value", "secret", "__proto__"])


def structs(signatures: Sequence[str] = SIGNATURES, *, finite: bool = False) -> st.SearchStrategy[struct_pb2.Struct]:
    """Structs with values of these signatures in them; `finite` leaves NaN and infinity out."""
    numbers = st.floats(allow_nan=not finite, allow_infinity=not finite) | st.integers(-(2**70), 2**70).map(float)
    scalars = st.none() | st.booleans() | numbers | _TEXTS | st.sampled_from(UNKNOWNS)
    canaries = st.integers(0, 99).map(lambda number: f"{CANARY}-{number}")

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        inside = {"value": inner | canaries, "secret": st.booleans()}
        signed = st.fixed_dictionaries({SIGNATURE_KEY: st.sampled_from(signatures)}, optional=inside)
        return st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3) | signed

    return st.dictionaries(_KEYS, st.recursive(scalars, nested, max_leaves=10), max_size=4).map(_received)


def _received(values: dict[str, Any]) -> struct_pb2.Struct:
    """Sent and received, so that it is what the wire makes of it."""
    sent = struct_pb2.Struct()
    sent.update(values)
    return struct_pb2.Struct.FromString(sent.SerializeToString())
