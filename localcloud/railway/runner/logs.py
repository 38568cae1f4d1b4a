"""A line of output as Railway stores it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.railway.state.model import Log

if TYPE_CHECKING:
    from localcloud.railway.runner.process import Stream

_SEVERITY = {"stdout": "info", "stderr": "error"}


def parsed(stream: Stream, line: str) -> Log:
    """The log row for a line. An object in JSON is split into message, level and attributes."""
    structured = _json_object(line)
    if structured is None:
        return Log(line, _SEVERITY[stream])
    message = structured.pop("message", structured.pop("msg", ""))
    severity = str(structured.pop("level", structured.pop("severity", _SEVERITY[stream]))).lower()
    attributes = tuple({"key": key, "value": _text(value)} for key, value in structured.items())
    return Log(_text(message), severity, attributes)


def _json_object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
