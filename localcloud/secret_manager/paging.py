"""Filters and pages of the list operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.secret_manager.errors import GoogleError
from localcloud.secret_manager.store import State

_MAX_PAGE = 25_000
_TERM = re.compile(r"(?P<field>state|name)\s*(?P<operator>[:=])\s*\"?(?P<value>[A-Za-z0-9_/-]+)\"?")


def page(key: str, items: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """The page that pageSize, pageToken and filter ask for, its items under `key`. Raises `GoogleError`.

    A filter is `field:value` or `field=value`, several joined by AND; fields are `name` and, for versions, `state`.
    """
    found = [item for item in items if all(_holds(item, term) for term in _terms(query.get("filter", "")))]
    start = _number(query.get("pageToken") or "0", "page token")
    size = min(_number(query.get("pageSize") or "0", "page size") or _MAX_PAGE, _MAX_PAGE)
    answer: dict[str, Any] = {"totalSize": len(found)}
    if selected := found[start : start + size]:
        answer[key] = selected
    if start + size < len(found):
        answer["nextPageToken"] = str(start + size)
    return answer


def _terms(text: str) -> list[re.Match[str]]:
    if not text.strip():
        return []
    terms = [_TERM.fullmatch(term.strip()) for term in re.split(r"\s+AND\s+", text.strip())]
    known = [term for term in terms if term]
    if len(known) != len(terms):
        raise GoogleError("INVALID_ARGUMENT", "The filter is not in a valid format.")
    return known


def _holds(item: Mapping[str, Any], term: re.Match[str]) -> bool:
    field, operator, wanted = term["field"], term["operator"], term["value"]
    if field not in item:
        raise GoogleError("INVALID_ARGUMENT", f"The filter names a field that the resource has not: {field}.")
    value = State(item[field]).name if isinstance(item[field], int) else str(item[field])
    return wanted in value if field == "name" and operator == ":" else wanted == value


def _number(text: str, what: str) -> int:
    if not text.isdecimal():
        raise GoogleError("INVALID_ARGUMENT", f"Invalid {what}.")
    return int(text)
