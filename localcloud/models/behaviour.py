"""How a provider behaves until it is told otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

Kind = Literal["good", "slow", "status", "garbage", "cut_off", "hang", "dead"]


class BehaviourError(ValueError):
    """The description of a behaviour is not usable; the message says which part of it."""


@dataclass(frozen=True)
class Behaviour:
    """What a provider does with the next `times` calls (0: with all).

    `good` answers; `slow` answers after `seconds` and pauses that long, at most 0.3, between the events of a stream;
    `status` refuses with HTTP `status` (and Retry-After `retry_after` seconds where given); `garbage` answers 200 with
    HTML; `cut_off` breaks the connection within the answer; `hang` never answers; `dead` resets the connection.
    With `tool` an answer calls that function, and `text` is its arguments as JSON.
    """

    kind: Kind = "good"
    status: int = 500
    seconds: float = 1.0
    retry_after: int | None = None
    text: str = "Hello!"
    tool: str = ""
    prompt_tokens: int = 12
    completion_tokens: int = 2
    times: int = 0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The behaviour that a JSON object describes; `status` alone means kind `status`, or `good` below 400.

        Raises `BehaviourError`.
        """
        known = {item.name: type(item.default) for item in fields(cls)}
        for name, given in value.items():
            if name not in known:
                raise BehaviourError(f"a behaviour has no {name}; it has {', '.join(known)}")
            wanted = {float: (int, float), type(None): (int, type(None))}.get(known[name], known[name])
            if isinstance(given, bool) or not isinstance(given, wanted):
                raise BehaviourError(f"a behaviour's {name} cannot be {given!r}")
        implied: Kind = "status" if value.get("status", 0) >= 400 else "good"  # noqa: PLR2004 - HTTP's first error
        behaviour = cls(**{"kind": implied, **value})
        if behaviour.kind not in get_args(Kind):
            raise BehaviourError(f"no kind {behaviour.kind!r}; there are {', '.join(get_args(Kind))}")
        if behaviour.tool and not _is_object(behaviour.text):
            raise BehaviourError("a behaviour with a tool needs a JSON object as its text")
        return behaviour


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
