"""What a preview shows of a changed resource: each field under its own name, map entries as `variables.NAME`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.plugin.protocol import provider_pb2

if TYPE_CHECKING:
    from pulumi_railway.handlers.base import Diff, Properties

Kind = provider_pb2.PropertyDiff.Kind
_Changes = Iterator[tuple[str, Kind.ValueType]]

_REPLACING: Final = {
    Kind.ADD: Kind.ADD_REPLACE,
    Kind.DELETE: Kind.DELETE_REPLACE,
    Kind.UPDATE: Kind.UPDATE_REPLACE,
}
_ABSENT: Final = object()
_SIMPLE_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def response(diff: Diff, old_inputs: Properties, new_inputs: Properties) -> provider_pb2.DiffResponse:
    """The answer to a Diff call; `DIFF_NONE` where the handler sees nothing to write, whatever the inputs say."""
    if not diff.changes:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME,
        diffs=list(diff.changes),
        replaces=list(diff.replaces),
        deleteBeforeReplace=diff.delete_before_replace,
        detailedDiff=detailed(diff, old_inputs, new_inputs),
        hasDetailedDiff=True,
    )


def detailed(diff: Diff, old: Properties, new: Properties) -> dict[str, provider_pb2.PropertyDiff]:
    """A `PropertyDiff` for each path that differs below the inputs that `diff` names."""
    found = {}
    for name in diff.changes:
        for path, kind in _changes(name, old.get(name, _ABSENT), new.get(name, _ABSENT)):
            shown = _REPLACING[kind] if name in diff.replaces else kind
            found[path] = provider_pb2.PropertyDiff(kind=shown, inputDiff=True)
    return found


def _changes(name: str, old: Any, new: Any) -> _Changes:
    """The differences, or `name` itself: what a handler calls changed is shown even where both sides look alike."""
    changes = list(_compare(name, old, new))
    yield from changes or [(name, Kind.UPDATE)]


def _compare(path: str, old: Any, new: Any) -> _Changes:
    if old is _ABSENT or new is _ABSENT:
        if old is not new:
            yield path, Kind.ADD if old is _ABSENT else Kind.DELETE
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _compare(_member(path, key), old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif _is_list(old) and _is_list(new):
        for index in range(max(len(old), len(new))):
            yield from _compare(f"{path}[{index}]", _item(old, index), _item(new, index))
    elif old != new:
        yield path, Kind.UPDATE


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _item(values: Sequence[Any], index: int) -> Any:
    return values[index] if index < len(values) else _ABSENT


def _member(path: str, key: str) -> str:
    """A step of Pulumi's property paths."""
    if _SIMPLE_KEY.fullmatch(key):
        return f"{path}.{key}"
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{quoted}"]'
