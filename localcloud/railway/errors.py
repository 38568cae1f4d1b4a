"""Railway's error texts and shapes; the only module that knows them."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import GraphQLError

logger = logging.getLogger(__name__)

NOT_AUTHORIZED = "Not Authorized"
BAD_PROJECT_TOKEN = "Project Token not found"  # noqa: S105 - an error text
BAD_INPUT = "Invalid input"
INTERNAL = "Problem processing request"
COMMIT_NOT_FOUND = "Commit not found"
NO_SNAPSHOT = "Cannot redeploy without a snapshot"
DEPLOYMENT_LIMIT = "Service deployment rate limit exceeded"
DOMAIN_RACE = "Failed to create service domain, please try again"


class RailwayError(Exception):
    """An application error: HTTP 200, `errors[0].message` is the text, code INTERNAL_SERVER_ERROR."""


def not_found(kind: str) -> RailwayError:
    """The error for an object that is missing within what the token may see, e.g. "ServiceInstance not found"."""
    return RailwayError(f"{kind} not found")


def created_too_quickly(kind: str, interval: float) -> RailwayError:
    """The error for a second object of a kind within `interval` seconds."""
    return RailwayError(
        f"You are creating {kind}s too quickly. This workspace allows 1 {kind} per {interval:g} seconds."
    )


def application_errors(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """The `errors` of an answer with HTTP 200. What is not a `RailwayError` is our own fault: logged, not shown."""
    return [_application_error(error) for error in errors]


def request_errors(errors: Iterable[GraphQLError], code: str) -> dict[str, Any]:
    """The body of an answer with HTTP 400: no `data`."""
    return {"errors": [{**_place(error), "message": error.message, "extensions": {"code": code}} for error in errors]}


def _application_error(error: GraphQLError) -> dict[str, Any]:
    message = error.message
    if not isinstance(error.original_error, RailwayError):
        logger.error("resolver of %s failed", error.path, exc_info=error.original_error)
        message = INTERNAL
    return error_entry(message, **_place(error))


def error_entry(message: str, **place: Any) -> dict[str, Any]:
    """One entry of an `errors` list, with a fresh trace id: a string of 19 digits."""
    trace = str(10**18 + secrets.randbelow(9 * 10**18))
    return {"message": message, **place, "extensions": {"code": "INTERNAL_SERVER_ERROR"}, "traceId": trace}


def _place(error: GraphQLError) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if error.locations:
        place["locations"] = [{"line": location.line, "column": location.column} for location in error.locations]
    if error.path:
        place["path"] = error.path
    return place
