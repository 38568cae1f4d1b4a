"""Relay connections over lists."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_INPUT, RailwayError

if TYPE_CHECKING:
    from collections.abc import Sequence


def page(items: Sequence[Any], size: int, arguments: dict[str, Any]) -> dict[str, Any]:
    """The connection over `items` that `first`, `after`, `last` and `before` ask for, of at most `size` rows."""
    cursors = [_cursor(item.id) for item in items]
    start = _position(cursors, arguments.get("after"), default=-1) + 1
    stop = _position(cursors, arguments.get("before"), default=len(items))
    if (last := arguments.get("last")) is not None:
        start = max(start, stop - _count(last, size))
    else:
        stop = min(stop, start + _count(arguments.get("first"), size))
    shown = range(start, max(start, stop))
    return {
        "edges": [{"cursor": cursors[index], "node": items[index]} for index in shown],
        "page_info": {
            "has_next_page": shown.stop < len(items),
            "has_previous_page": shown.start > 0,
            "start_cursor": cursors[shown.start] if shown else None,
            "end_cursor": cursors[shown.stop - 1] if shown else None,
        },
    }


def _cursor(item_id: str) -> str:
    return base64.b64encode(f"cursor:{item_id}".encode()).decode()


def _position(cursors: list[str], cursor: str | None, *, default: int) -> int:
    if cursor is None:
        return default
    if cursor not in cursors:
        raise RailwayError(BAD_INPUT)
    return cursors.index(cursor)


def _count(wanted: int | None, size: int) -> int:
    if wanted is None:
        return size
    if wanted < 0:
        raise RailwayError(BAD_INPUT)
    return min(wanted, size)
