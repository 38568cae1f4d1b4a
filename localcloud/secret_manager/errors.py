"""Errors as Google's APIs answer them: `{"error": {"code", "message", "status"}}`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

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


class ApiError(Exception):
    """A call is refused; `status` is a canonical code such as NOT_FOUND."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = _CODES[status]


def unauthenticated() -> ApiError:
    """No token, or one that nobody knows."""
    return ApiError(
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
        " authentication credential.",
    )


def denied(permission: str, resource: str) -> ApiError:
    """The identity lacks a permission; whether the resource exists is not told."""
    return ApiError(
        "PERMISSION_DENIED", f"Permission '{permission}' denied for resource '{resource}' (or it may not exist)."
    )


def response(code: int, message: str, status: str = "", headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error; without `status` the canonical one of the HTTP code."""
    canonical = status or next((name for name, value in _CODES.items() if value == code), "UNKNOWN")
    return JSONResponse({"error": {"code": code, "message": message, "status": canonical}}, code, headers)
