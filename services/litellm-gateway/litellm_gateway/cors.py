"""Which pages may call the gateway from a browser: none, unless the configuration names their origins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp

_SENT: Final = ("authorization", "content-type", "x-api-key", "anthropic-version", "anthropic-beta")
_SHOWN: Final = (
    *("retry-after", "x-litellm-call-id", "x-litellm-model-group", "x-litellm-attempted-fallbacks"),
    *("x-gateway-deployment", "x-gateway-commit", "x-gateway-model", "x-request-id"),
)


def allow(application: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, which tells browsers that pages of these origins may call it; itself where there are none."""
    if not origins:
        return application
    return CORSMiddleware(
        application, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=_SENT, expose_headers=_SHOWN
    )
