"""Errors as Google's APIs answer them: `{"error": {"code", "message", "status"}}`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

from localcloud.core.rest import ApiError

_CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}


class GoogleError(ApiError):
    """A call is refused; `status` is a canonical code such as NOT_FOUND."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(_CODES[status], message, status)


def unauthenticated() -> GoogleError:
    """No token, or one that nobody knows."""
    return GoogleError(
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
        " authentication credential.",
    )


def denied(permission: str, resource: str) -> GoogleError:
    """The identity lacks a permission; whether the resource exists is not told."""
    return GoogleError(
        "PERMISSION_DENIED", f"Permission '{permission}' denied for resource '{resource}' (or it may not exist)."
    )


def response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error; one without a canonical code gets that of its HTTP status."""
    status = error.reason or next((name for name, code in _CODES.items() if code == error.code), "UNKNOWN")
    return JSONResponse({"error": {"code": error.code, "message": str(error), "status": status}}, error.code, headers)
