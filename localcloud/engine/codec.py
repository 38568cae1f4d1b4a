"""Property values: plain Python, plus `Secret` and `UNKNOWN`, to and from the `Struct` of the wire.

The signatures are those of Pulumi's wire format; assets, archives and resource references are refused.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as WireValue

from localcloud.engine.errors import EngineError

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret, is none
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_SENTINEL: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_SENTINELS: Final = frozenset(
    {
        UNKNOWN_SENTINEL,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""A plugin that knows the type of an unknown may say so; `UNKNOWN_SENTINEL` is what is sent for all of them."""
REFUSED_SIGNATURES: Final = {
    "5cf8f73096256a8f31e491e813e4eb8e": "resource references",
    "c44067f5952c0a294b673a41bacd8c17": "assets",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
}
EXACT_INTEGERS: Final = 2**53
"""Below this a double holds every integer exactly."""


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: a value that a preview cannot know yet."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that is never shown, and never written in clear. Never holds another `Secret` directly."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


Value: TypeAlias = "bool | int | float | str | Secret | Unknown | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = "dict[str, Value]"


def secret(value: Value) -> Secret:
    """Mark `value` secret, once."""
    return value if isinstance(value, Secret) else Secret(value)


def encode(properties: Mapping[str, Value], *, secrets: bool = True) -> Struct:
    """The wire form; with `secrets=False` secret values are sent without their mark."""
    struct = Struct()
    struct.update({key: _encoded(value, secrets=secrets) for key, value in properties.items()})
    return struct


def _encoded(value: Value, *, secrets: bool) -> Any:
    if isinstance(value, Secret):
        inner = _encoded(value.value, secrets=secrets)
        return {SIGNATURE: SECRET_SIGNATURE, "value": inner} if secrets else inner
    if value is UNKNOWN:
        return UNKNOWN_SENTINEL
    if isinstance(value, list):
        return [_encoded(item, secrets=secrets) for item in value]
    if isinstance(value, dict):
        return {key: _encoded(item, secrets=secrets) for key, item in value.items()}
    return value


def decode(struct: Struct) -> Properties:
    """The properties in `struct`, sorted by key: the wire has no order, and files and diffs shall be stable.

    Raises `EngineError` with the name of the property for a kind of value that is not supported.
    """
    return {key: _decode_property(key, struct.fields[key]) for key in sorted(struct.fields)}


def _decode_property(key: str, wire: WireValue) -> Value:
    try:
        return decode_value(wire)
    except EngineError as error:
        raise EngineError(f"{key}: {error}") from error


def decode_value(wire: WireValue) -> Value:
    """One value of the wire; whole numbers become `int`."""
    kind = wire.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if wire.string_value in UNKNOWN_SENTINELS else wire.string_value
    if kind == "number_value":
        return number(wire.number_value)
    if kind == "bool_value":
        return wire.bool_value
    if kind == "list_value":
        return [decode_value(item) for item in wire.list_value.values]
    if kind == "struct_value":
        return _decode_object(wire.struct_value)
    return None


def _decode_object(struct: Struct) -> Value:
    if SIGNATURE not in struct.fields:
        return {key: decode_value(struct.fields[key]) for key in sorted(struct.fields)}
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET_SIGNATURE:
        return secret(decode_value(struct.fields["value"]))
    if signature == OUTPUT_SIGNATURE:
        value = decode_value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        is_secret = "secret" in struct.fields and struct.fields["secret"].bool_value
        return secret(value) if is_secret else value
    raise refusal(signature)


def refusal(signature: str) -> EngineError:
    """The error for a kind of value that is not supported."""
    what = REFUSED_SIGNATURES.get(signature, f"values with the signature {signature}")
    return EngineError(f"The embedded engine does not support {what}; use the Pulumi CLI for this program.")


def number(value: float) -> int | float:
    """`value` as `int` where it is whole and exact. Raises `EngineError` for what the wire or JSON cannot hold."""
    try:
        real = float(value)
    except OverflowError as error:
        raise EngineError(f"A number of {len(str(value))} digits is more than a property can hold.") from error
    if not math.isfinite(real):
        raise EngineError(f"{real} is no number that a property can hold.")
    return int(real) if real.is_integer() and abs(real) < EXACT_INTEGERS else real


def unwrap(value: Value) -> Value:
    """`value` without any secret marks, at any depth."""
    if isinstance(value, Secret):
        return unwrap(value.value)
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    return value


def contains_unknown(value: Value | Mapping[str, Value]) -> bool:
    """Whether `UNKNOWN` occurs anywhere in `value`."""
    if isinstance(value, Secret):
        return contains_unknown(value.value)
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    return value is UNKNOWN


def contains_secret(value: Value | Mapping[str, Value]) -> bool:
    """Whether a `Secret` occurs anywhere in `value`."""
    if isinstance(value, list):
        return any(contains_secret(item) for item in value)
    if isinstance(value, Mapping):
        return any(contains_secret(item) for item in value.values())
    return isinstance(value, Secret)


def json_text(value: Value) -> str:
    """The compact JSON text of a value; marks of secrets inside it are dropped."""
    return json.dumps(unwrap(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
