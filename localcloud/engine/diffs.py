"""What changes between two sets of properties, as lines for people: paths, old and new values, secrets hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from localcloud.engine import codec, paths
from localcloud.engine.codec import Properties, Value
from localcloud.engine.steps import Step

HIDDEN: Final = "[secret]"
NOT_KNOWN: Final = "output<value>"
LONGEST: Final = 200


@dataclass(frozen=True)
class Change:
    """One property: `kind` is add, delete or update; values are ready to show."""

    path: str
    kind: str
    old: Any
    new: Any

    def __str__(self) -> str:
        if self.kind == "add":
            return f"+ {self.path}: {text(self.new)}"
        if self.kind == "delete":
            return f"- {self.path}: {text(self.old)}"
        return f"~ {self.path}: {text(self.old)} => {text(self.new)}"


def of_step(step: Step) -> list[Change]:
    """What the step changes: of the inputs, or for a refresh also of the outputs."""
    old = step.old.inputs if step.old else {}
    new = step.new.inputs if step.new else {}
    changes = list(changes_between(old, new))
    if not changes and step.old and step.new and step.op == "refresh":
        changes = list(changes_between(step.old.outputs, step.new.outputs))
    return [change for change in changes if not change.path.startswith("__internal")]


def changes_between(old: Properties, new: Properties) -> Iterator[Change]:
    """The changed properties, in the order of the old ones, then the new."""
    for path in paths.differences(old, new):
        before, after = _at(old, path), _at(new, path)
        kind = "add" if before is MISSING else "delete" if after is MISSING else "update"
        yield Change(path, kind, _shown(before), _shown(after))


class _Missing:
    pass


MISSING: Final = _Missing()


def _at(properties: Properties, path: str) -> Value | _Missing:
    """The value at `path`, secret where anything on the way is."""
    value: Value = properties
    hidden = False
    for part in paths.parse(path):
        if isinstance(value, codec.Secret):
            hidden, value = True, value.value
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return MISSING
    return codec.secret(value) if hidden else value


def shown(value: Value) -> Any:
    """`value` as JSON data for people, secrets and unknowns replaced by words."""
    if isinstance(value, codec.Secret):
        return HIDDEN
    if value is codec.UNKNOWN:
        return NOT_KNOWN
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return value


def _shown(value: Value | _Missing) -> Any:
    return None if isinstance(value, _Missing) else shown(value)


def text(value: Any) -> str:
    """Shown data in one line, shortened where it is long."""
    line = value if value in (HIDDEN, NOT_KNOWN) else json.dumps(value, ensure_ascii=False)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
