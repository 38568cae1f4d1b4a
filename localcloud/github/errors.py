"""Errors as GitHub answers them: `{"message", "documentation_url", "status"}`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

from localcloud.core.rest import ApiError

DOCUMENTATION = "https://docs.github.com/rest"
VARIABLES = "/actions/variables"
BRANCHES = "/branches/branches#get-a-branch"
COMMITS = "/commits/commits#get-a-commit"
REFERENCES = "/git/refs#get-a-reference"


def bad_credentials() -> ApiError:
    """A token that nobody knows."""
    return ApiError(401, "Bad credentials")


def authentication_required() -> ApiError:
    """No token."""
    return ApiError(401, "Requires authentication")


def not_accessible() -> ApiError:
    """The token may not do that, as for a fine-grained token without the permission."""
    return ApiError(403, "Resource not accessible by personal access token")


def not_found(page: str = "") -> ApiError:
    """There is no such thing, or the token may not see it; `page` of the documentation describes the call."""
    return ApiError(404, "Not Found", page)


def response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error; its reason is the page of the documentation."""
    body = {"message": str(error), "documentation_url": DOCUMENTATION + error.reason, "status": str(error.code)}
    return JSONResponse(body, error.code, headers)
