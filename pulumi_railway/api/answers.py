"""Reading an answer: each value knows its path, and one that is missing or of another type says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pulumi_railway.api.errors import ApiChanged

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A value of an answer. Every reader raises `ApiChanged` where the value is not what the schema promises."""

    operation: str
    path: str
    value: Any

    def __getitem__(self, key: str) -> Answer:
        """The field `key` of an object; it must be there, though it may be null."""
        path = f"{self.path}.{key}"
        if key not in self.mapping():
            raise ApiChanged(self.operation, f"API changed: field {path} is missing", remedy=_UPGRADE)
        return Answer(self.operation, path, self.value[key])

    def get(self, key: str) -> Answer:
        """The field `key` of an object of any shape: null where it, or the whole object, is not there."""
        held = {} if self.value is None else self.mapping()
        return Answer(self.operation, f"{self.path}.{key}", held.get(key))

    def text(self) -> str:
        """The value as a string."""
        return self._typed(str)

    def text_or_none(self) -> str | None:
        """The value as a string, None where it is null."""
        return None if self.value is None else self.text()

    def instant(self) -> datetime:
        """The value as a point in time, in UTC."""
        try:
            found = datetime.fromisoformat(self.text())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise self._other_than("a date and time") from None

    def boolean(self) -> bool:
        """The value as a boolean."""
        return self._typed(bool)

    def integer_or_none(self) -> int | None:
        """The value as a whole number, None where it is null."""
        return None if self.value is None else self._typed(int)

    def scalar(self) -> str | float | bool | None:
        """The value as what holds no other: a string, a number, a boolean or null."""
        if isinstance(self.value, dict | list):
            raise self._other_than("a scalar")
        found: str | float | bool | None = self.value
        return found

    def mapping(self) -> dict[str, Any]:
        """The value as an object of any shape."""
        return self._typed(dict)

    def items(self) -> list[Answer]:
        """The elements of a list."""
        return [Answer(self.operation, f"{self.path}[{i}]", value) for i, value in enumerate(self._typed(list))]

    def nodes(self) -> list[Answer]:
        """The nodes of a Relay connection's page."""
        return [edge["node"] for edge in self["edges"].items()]

    def next_cursor(self, after: str | None) -> str | None:
        """Where the page after this one starts, None on the last one; this one started at `after`."""
        page = self["pageInfo"]
        following = page["endCursor"].text_or_none() if page["hasNextPage"].boolean() else None
        if following is not None and following == after:
            message = f"API changed: {self.path} has a page that is its own next"
            raise ApiChanged(self.operation, message, remedy=_UPGRADE)
        return following

    def _typed(self, kind: type[T]) -> T:
        if not isinstance(self.value, kind):
            raise self._other_than(kind.__name__)
        return self.value

    def _other_than(self, wanted: str) -> ApiChanged:
        message = f"API changed: field {self.path} is {type(self.value).__name__}, not {wanted}"
        return ApiChanged(self.operation, message, remedy=_UPGRADE)


_UPGRADE = "Look for a newer version of this provider."
