"""Property paths like `a.b[0]["c.d"]`: parse, compare, reset; `*` stands for every key or index."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from localcloud.engine import codec
from localcloud.engine.codec import Properties, Value
from localcloud.engine.errors import EngineError

Part = str | int
PART: Final = re.compile(r"""\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]""")
PLAIN: Final = re.compile(r"[A-Za-z_$][\w$-]*")
ANY: Final = "*"


def parse(path: str) -> tuple[Part, ...]:
    """The parts of a path. Raises `EngineError` where it cannot be read."""
    parts: list[Part] = []
    position = 0
    while position < len(path):
        match = PART.match(path, position)
        if match is None:
            raise EngineError(f"{path!r} is no property path")
        name, index, quoted, star = match.groups()
        if index is not None:
            parts.append(int(index))
        else:
            parts.append(name or star or (quoted or "").replace('\\"', '"').replace("\\\\", "\\"))
        position = match.end()
    return tuple(parts)


def text(parts: Sequence[Part]) -> str:
    """The path of these parts."""
    found = ""
    for part in parts:
        if isinstance(part, int):
            found += f"[{part}]"
        elif PLAIN.fullmatch(part):
            found += f".{part}" if found else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            found += f'["{escaped}"]'
    return found


def below(path: str, patterns: Iterable[str]) -> bool:
    """Whether `path` is one of the `patterns`, or lies below or above one."""
    parts = parse(path)
    return any(_overlap(parts, parse(pattern)) for pattern in patterns)


def _overlap(parts: Sequence[Part], pattern: Sequence[Part]) -> bool:
    return all(wanted in {ANY, part} for part, wanted in zip(parts, pattern, strict=False))


def differences(old: Value | Properties, new: Value | Properties) -> Iterator[str]:
    """The paths at which two values differ, secret marks aside."""
    for parts in _differences(codec.unwrap(old), codec.unwrap(new), ()):
        yield text(parts)


def _differences(old: Value, new: Value, parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key in old and key in new:
                yield from _differences(old[key], new[key], (*parts, key))
            else:
                yield (*parts, key)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            if index < min(len(old), len(new)):
                yield from _differences(old[index], new[index], (*parts, index))
            else:
                yield (*parts, index)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield parts


def reset(new: Properties, old: Properties, ignored: Iterable[str]) -> Properties:
    """`new` with the values of `old` at the `ignored` paths; where `old` has none, the path is removed."""
    result = copy.deepcopy(new)
    for path in ignored:
        _reset(result, old, parse(path))
    return result


def _reset(new: Value, old: Value, parts: Sequence[Part]) -> None:
    if isinstance(new, codec.Secret):
        _reset(new.value, old, parts)
    elif isinstance(old, codec.Secret):
        _reset(new, old.value, parts)
    elif isinstance(new, dict):
        _reset_key(new, old if isinstance(old, dict) else {}, parts)
    elif isinstance(new, list):
        _reset_index(new, old if isinstance(old, list) else [], parts)


def _reset_key(new: Properties, old: Properties, parts: Sequence[Part]) -> None:
    keys = [*dict.fromkeys([*new, *old])] if parts[0] == ANY else [str(parts[0])]
    for key in keys:
        if len(parts) > 1:
            if key in new:
                _reset(new[key], old.get(key), parts[1:])
        elif key in old:
            new[key] = copy.deepcopy(old[key])
        else:
            new.pop(key, None)


def _reset_index(new: list[Value], old: list[Value], parts: Sequence[Part]) -> None:
    indexes = range(len(new)) if parts[0] == ANY else [parts[0]]
    for index in indexes:
        if not isinstance(index, int) or not 0 <= index < min(len(new), len(old)):
            continue
        if len(parts) > 1:
            _reset(new[index], old[index], parts[1:])
        else:
            new[index] = copy.deepcopy(old[index])
