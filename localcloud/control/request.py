"""The JSON body of a control call, read with its types checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

Value = TypeVar("Value")


class ControlError(Exception):
    """A control call is refused with the HTTP status `code`; the message says what it should have been."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Body:
    """A JSON object. Its readers raise `ControlError`."""

    value: Mapping[str, Any]

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """The object in `content`; a list stands for `{"faults": [...]}`, nothing for an empty one."""
        try:
            value = json.loads(content or b"{}")
        except ValueError as error:
            raise ControlError(f"the body is not JSON: {error}") from error
        if isinstance(value, list):
            value = {"faults": value}
        if not isinstance(value, dict):
            raise ControlError("the body must be a JSON object")
        return cls(value)

    def get(self, name: str, kind: type[Value]) -> Value | None:
        """The field of that name, None where it is absent or null."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, kind):
            raise ControlError(f"{name} must be of type {kind.__name__}, not {value!r}")
        return value

    def need(self, name: str, kind: type[Value]) -> Value:
        """The field of that name, which must be there."""
        value = self.get(name, kind)
        if value is None:
            raise ControlError(f"the body needs {name}")
        return value

    def nullable(self, name: str, kind: type[Value]) -> Value | None:
        """The field of that name, which must be there but may be null."""
        if name not in self.value:
            raise ControlError(f"the body needs {name}; null deletes")
        return self.get(name, kind)
