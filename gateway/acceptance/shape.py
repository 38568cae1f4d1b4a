"""What judgements are made of: status, JSON, the error shape. Results are cut and redacted when they are made."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from gateway.acceptance.client import Answer
from gateway.acceptance.verdict import CheckFailedError


def at(value: Any, *path: str | int) -> Any:
    """What stands in a JSON value at `path`, or None where the path does not lead anywhere."""
    for step in path:
        fits = isinstance(value, dict) if isinstance(step, str) else isinstance(value, list) and step < len(value)
        value = (value.get(step) if isinstance(value, dict) else value[step]) if fits else None
    return value


def body_of(answer: Answer) -> Any:
    """The JSON body of a 200. Raises CheckFailedError for any other status and for what is no JSON."""
    want_status(answer, HTTPStatus.OK)
    body = answer.json()
    if body is None:
        kind = answer.headers.get("content-type", "no content-type")
        raise CheckFailedError(f"200, but no JSON ({kind}): {answer.body.decode(errors='replace')}")
    return body


def want_status(answer: Answer, wanted: int) -> None:
    """Raises CheckFailedError with the redirect, the speaker and the error message of any other status."""
    if answer.status != wanted:
        error = error_of(answer)
        said = f": {error['message']}" if error else ""
        where = "" if answer.deployment else ", not from a gateway"
        raise CheckFailedError(f"{status_of(answer)}{where} instead of {wanted}{said}")


def status_of(answer: Answer) -> str:
    """The status, and where a redirect leads."""
    target = answer.headers.get("location")
    return f"{answer.status} (redirect to {target}, not followed)" if target else str(answer.status)


def error_of(answer: Answer) -> dict[str, Any] | None:
    """The error of an answer in OpenAI's shape (message, type, param, code), or None."""
    error = at(answer.json(), "error")
    if not isinstance(error, dict) or not {"message", "type", "param", "code"} <= error.keys():
        return None
    return error if isinstance(error["message"], str) and error["message"] else None


def want_same(seen: Any, wanted: Any) -> None:
    """Raises CheckFailedError with both where they differ."""
    if seen != wanted:
        raise CheckFailedError(f"wanted {shown(wanted)}, seen {shown(seen)}")


def is_count(value: Any) -> bool:
    """Whether `value` is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def shown(value: Any) -> str:
    """A JSON value as text."""
    return json.dumps(value, ensure_ascii=False)
