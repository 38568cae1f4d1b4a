"""Protobuf structs to plain values and back.

An unknown is the marker `UNKNOWN` on this side. Secrets are plain values here; where they lay is kept beside them as
paths, and `encode` wraps what stands there again, so that no handler can lose the mark.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from google.protobuf import struct_pb2

from pulumi_railway.errors import UserError
from pulumi_railway.handlers.base import UNKNOWN, Properties

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""A peer that knows the type of an unknown may say so; `UNKNOWN_TEXT` stands for all of them, and is what is sent."""
SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a constant of the protocol

Path: TypeAlias = tuple[str, ...]
"""Map keys from the top down. It ends at a list: a secret element makes the whole list secret."""


class CodecError(UserError):
    """A value that this provider has no use for, such as an asset, or that the wire cannot hold; names its property."""


@dataclass(frozen=True)
class Decoded:
    """Plain values, and the paths of those that came as secrets."""

    values: dict[str, Any] = field(default_factory=dict)
    secrets: frozenset[Path] = frozenset()

    def secret_texts(self) -> Iterator[str]:
        """Every string that came as a secret, or within one."""
        for path in self.secrets:
            yield from _texts(_at(self.values, path))


def decode(struct: struct_pb2.Struct) -> Decoded:
    """The values of `struct`. Raises `CodecError` for assets, archives, resource references, NaN and infinity."""
    secrets: set[Path] = set()
    values = {key: _decode(value, (key,), secrets) for key, value in struct.fields.items()}
    return Decoded(values, frozenset(secrets))


def encode(values: Properties, secrets: Collection[Path] = ()) -> struct_pb2.Struct:
    """`values` as a struct, with what stands at the paths `secrets` wrapped, or the nearest value above it.

    Raises `CodecError` for numbers and texts that the wire cannot hold.
    """
    wrapped = {_nearest(values, path) for path in secrets}
    return struct_pb2.Struct(fields={key: _encode_property(key, value, wrapped) for key, value in values.items()})


def has_unknowns(value: Any) -> bool:
    """Whether `UNKNOWN` is in `value` at any depth."""
    if isinstance(value, Mapping):
        return any(has_unknowns(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknowns(item) for item in value)
    return value is UNKNOWN


def _decode(value: struct_pb2.Value, path: Path, secrets: set[Path], *, in_list: bool = False) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in UNKNOWN_TEXTS else value.string_value
        case "number_value":
            return _decode_number(value.number_value, path)
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_decode(item, path, secrets, in_list=True) for item in value.list_value.values]
        case "struct_value":
            return _decode_map(value.struct_value, path, secrets, in_list=in_list)
        case _:
            return None


def _decode_number(value: float, path: Path) -> float:
    if not math.isfinite(value):
        raise CodecError(f"{'.'.join(path)} is {value}: give a finite number instead. Nothing was changed.")
    return int(value) if value.is_integer() else value


def _decode_map(struct: struct_pb2.Struct, path: Path, secrets: set[Path], *, in_list: bool) -> Any:
    fields = struct.fields
    if SIGNATURE_KEY not in fields:
        return {
            key: _decode(item, path if in_list else (*path, key), secrets, in_list=in_list)
            for key, item in fields.items()
        }
    if fields[SIGNATURE_KEY].string_value != SECRET_SIGNATURE:
        kind = "an asset, an archive, a resource or an output"
        raise CodecError(f"{'.'.join(path)} is {kind}: give a plain value instead. Nothing was changed.")
    secrets.add(path)
    return _decode(fields["value"], path, secrets, in_list=in_list)


def _encode_property(key: str, value: Any, secrets: Collection[Path]) -> struct_pb2.Value:
    try:
        return _encode(value, (key,), secrets)
    except (OverflowError, ValueError) as error:
        what = "a number that is not finite, or a text that is not Unicode"
        raise CodecError(f"{key} holds {what}: Pulumi cannot take it. Change it in Railway, then run again.") from error


def _encode(value: Any, path: Path | None, secrets: Collection[Path]) -> struct_pb2.Value:
    """`path` is None where no path leads: in lists, and within a secret, which needs no other wrapper."""
    if path not in secrets:
        return _encode_plain(value, path, secrets)
    signature = struct_pb2.Value(string_value=SECRET_SIGNATURE)
    wrapper = struct_pb2.Struct(fields={SIGNATURE_KEY: signature, "value": _encode_plain(value, None, ())})
    return struct_pb2.Value(struct_value=wrapper)


def _encode_plain(value: Any, path: Path | None, secrets: Collection[Path]) -> struct_pb2.Value:
    if isinstance(value, Mapping):
        fields = {key: _encode(item, path and (*path, key), secrets) for key, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    if isinstance(value, list | tuple):
        items = [_encode(item, None, secrets) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    return _encode_scalar(value)


def _encode_scalar(value: Any) -> struct_pb2.Value:
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError("not finite")
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    raise TypeError(f"{type(value).__name__} is no value of the protocol")


def _nearest(values: Properties, path: Path) -> Path:
    here: Any = values
    for depth, key in enumerate(path):
        if not isinstance(here, Mapping) or key not in here:
            return path[:depth]
        here = here[key]
    return path


def _at(values: Properties, path: Path) -> Any:
    here: Any = values
    for key in path:
        here = here[key]
    return here


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
