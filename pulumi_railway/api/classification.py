"""From an HTTP answer to data or to the error that says what to do: the one place that knows Railway's error shapes."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

import httpx

from pulumi_railway.api.answers import Answer
from pulumi_railway.api.errors import (
    AmbiguousResult,
    ApiChanged,
    NotFound,
    RailwayError,
    RateLimited,
    Refused,
    TokenError,
    Unavailable,
)
from pulumi_railway.api.headers import reset_after, retry_after

if TYPE_CHECKING:
    from pulumi_railway.api.documents import Document

UNEXPLAINED: Final = ("Not Authorized", "Project Token not found")
"""What Railway says for a bad token, a token in the wrong header and (the first) an unknown id alike."""

_LOOK: Final = "It may have taken effect: look at the service in Railway's dashboard, then run again."
_AGAIN: Final = "Run again; what was finished stays in the state."
_BLOCK: Final = "The edge in front of Railway blocks this address: wait an hour or more, asking again prolongs it."
_SOME_MINUTES: Final = f"Wait some minutes. {_AGAIN}"
_LIMIT: Final = "Run again then; what was finished stays in the state."
_CORRECT: Final = "Correct what it says, then run again; what was finished stays in the state."
_ADDRESS: Final = "Check RAILWAY_API_URL."
_NO: Final = "It gives no reason: look at Railway's status page, then run again; what was finished stays in the state."
_GONE: Final = "Where it was deleted in Railway, `pulumi up --refresh` makes it anew."
_OUTDATED: Final = "Railway's API changed and this provider does not fit it: look for a newer version of it."
_RENEW: Final = (
    "Make a new one in Railway and set it as RAILWAY_TOKEN (project token) or RAILWAY_API_TOKEN (account token)."
)

_BLOCK_PAGE: Final = re.compile(r"\b(error|code:?)\s*1015\b", re.IGNORECASE)
_BLOCKED_FOR: Final = 3600.0
"""Seconds after which another try makes sense; the page itself names no time."""

_UNKNOWN_INPUT: Final = re.compile(r"is not defined by type|to include unknown field")
"""An input that lost a field, in the words of GraphQL's reference implementation and of others."""

_TOO_QUICKLY: Final = re.compile(r"too quickly|only one \w+ can be created", re.IGNORECASE)
_INTERVAL: Final = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?s(?:ec(?:ond)?s?)?\b", re.IGNORECASE)
_BETWEEN_CREATIONS: Final = 30.0
"""Seconds between two projects, environments or volumes, where a refusal does not say how many."""

_LONGEST_TEXT: Final = 1000
"""Characters of what Railway says that are shown."""

_ELSEWHERE: Final = (301, 302, 303, 307, 308, 404, 405)
"""What an address answers where there is no API, with a page at most."""

_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429
_BAD_REQUEST: Final = 400


def network_error(document: Document, error: httpx.RequestError) -> RailwayError:
    """A request without a readable answer: harmless if it was never sent or may be repeated, ambiguous otherwise."""
    message = f"no answer ({type(error).__name__})"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Unavailable(
            document.operation, f"{message}; nothing was sent", remedy="Check the network and RAILWAY_API_URL."
        )
    return _no_answer(document, message)


def interpret(document: Document, response: httpx.Response) -> Answer:
    """The operation's own field of an answer. Raises the `RailwayError` that fits."""
    body = _json(response)
    page = "" if body is not None else response.content.decode(errors="replace")
    if _BLOCK_PAGE.search(page):
        raise _blocked(document, response)
    if response.status_code == _TOO_MANY:
        raise _rate_limited(document, response)
    if body is None:
        raise _no_json(document, response, page)
    if response.status_code >= _SERVER_ERROR:
        raise _no_answer(document, _first_message(body) or "server error", response, body)
    if body.get("errors"):
        raise _graphql_error(document, response.status_code, body)
    if not response.is_success:
        raise _rest_error(document, response, body)
    data = body.get("data")
    if not isinstance(data, dict) or data.get(document.operation) is None:
        message = f"API changed: field {document.operation} is missing"
        raise ApiChanged(document.operation, message, status=response.status_code, remedy=_OUTDATED)
    if document.kind == "mutation" and data[document.operation] is False:
        raise Refused(document.operation, "Railway says that it did not do it", status=response.status_code, remedy=_NO)
    return Answer(document.operation, document.operation, data[document.operation])


def _json(response: httpx.Response) -> dict[str, Any] | None:
    """The object in the body, None where there is none. Half characters, as cut logs hold, become question marks."""
    try:
        text = json.dumps(json.loads(response.content), ensure_ascii=False)
        body = json.loads(text.encode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _rate_limited(document: Document, response: httpx.Response) -> RateLimited:
    wait = retry_after(response.headers.get("retry-after"))
    if wait is None:
        wait = reset_after(response.headers.get("x-ratelimit-reset"))
    message, remedy = "rate limit reached", _SOME_MINUTES
    if wait is not None:
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait)
        message, remedy = f"{message}; the limit resets at {moment:%Y-%m-%d %H:%M:%S} UTC", _LIMIT
    return RateLimited(document.operation, message, status=_TOO_MANY, remedy=remedy, retry_after=wait)


def _blocked(document: Document, response: httpx.Response) -> RateLimited:
    return RateLimited(
        document.operation,
        "edge block, page 1015",
        status=response.status_code,
        remedy=_BLOCK,
        retry_after=_BLOCKED_FOR,
    )


def _no_json(document: Document, response: httpx.Response, page: str) -> RailwayError:
    if response.status_code in _ELSEWHERE:
        return Refused(document.operation, "this is not Railway's API", status=response.status_code, remedy=_ADDRESS)
    what = "an HTML page" if "<html" in page.lower() else "something else"
    return _no_answer(document, f"{what} instead of JSON", response)


def _no_answer(
    document: Document, message: str, response: httpx.Response | None = None, body: dict[str, Any] | None = None
) -> RailwayError:
    status = response.status_code if response is not None else None
    trace = _trace(body or {}) or (_text(response.headers.get("x-request-id")) if response is not None else None)
    if document.idempotent:
        return Unavailable(document.operation, message, status=status, trace_id=trace, remedy=_AGAIN)
    return AmbiguousResult(document.operation, message, status=status, trace_id=trace, remedy=_LOOK)


def _graphql_error(document: Document, status: int, body: dict[str, Any]) -> RailwayError:
    """Classified by message: Railway gives the same code for a server fault and a missing right."""
    first = _first_error(body)
    code = _text(_object(first.get("extensions")).get("code"))
    message = _text(first.get("message")) or "no message"
    kind, remedy = _meaning(message, code)
    steps = first.get("path")
    path = ".".join(_text(step) for step in steps) if isinstance(steps, list) else ""
    where = f" at {path}" if path and path != document.operation else ""
    shown = f"{message}{where} [{code}]" if code not in {"", "INTERNAL_SERVER_ERROR"} else f"{message}{where}"
    trace, pause = _trace(body), _between_creations(message)
    return kind(document.operation, shown, status=status, trace_id=trace, remedy=remedy, retry_after=pause)


def _meaning(message: str, code: str) -> tuple[type[RailwayError], str]:
    lowered = message.lower()
    if code in {"UNAUTHENTICATED", "FORBIDDEN"} or message.startswith(UNEXPLAINED):
        return TokenError, _RENEW
    if "two factor" in lowered:
        return (
            TokenError,
            "The workspace wants two-factor authentication: switch it on for the account that made the token.",
        )
    if code == "GRAPHQL_VALIDATION_FAILED" or _UNKNOWN_INPUT.search(message):
        return ApiChanged, _OUTDATED
    if code == "RATE_LIMITED" or "rate limit" in lowered or _TOO_QUICKLY.search(message):
        return RateLimited, _SOME_MINUTES
    if code == "NOT_FOUND" or lowered.rstrip(".").endswith("not found"):
        return NotFound, _GONE
    return Refused, _CORRECT


def _between_creations(message: str) -> float | None:
    """Seconds to wait where Railway refuses a creation that comes too soon after another one."""
    if not _TOO_QUICKLY.search(message):
        return None
    named = _INTERVAL.search(message)
    return float(named[1]) if named else _BETWEEN_CREATIONS


def _rest_error(document: Document, response: httpx.Response, body: dict[str, Any]) -> RailwayError:
    message, status, trace = _first_message(body) or "no message", response.status_code, _trace(body)
    if status in {401, 403}:
        return TokenError(document.operation, message, status=status, trace_id=trace, remedy=_RENEW)
    remedy = _ADDRESS if status != _BAD_REQUEST else ""
    return Refused(document.operation, message, status=status, trace_id=trace, remedy=remedy)


def _first_message(body: dict[str, Any]) -> str:
    return _text((_first_error(body) or body).get("message"))


def _trace(body: dict[str, Any]) -> str | None:
    """What Railway's support asks for: a GraphQL error's `traceId`, a REST answer's `requestId`."""
    first = _first_error(body)
    found = (_object(first.get("extensions")).get("traceId"), first.get("traceId"), body.get("requestId"))
    return next((text for text in map(_text, found) if text), None)


def _first_error(body: dict[str, Any]) -> dict[str, Any]:
    errors = body.get("errors")
    return _object(errors[0]) if isinstance(errors, list) and errors else _object(errors)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A text or number as one line of bounded length, empty for anything else."""
    return " ".join(str(value).split())[:_LONGEST_TEXT] if isinstance(value, str | int) else ""
