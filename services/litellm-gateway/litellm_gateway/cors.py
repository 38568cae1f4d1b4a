"""Which pages may call the gateway from a browser: none, unless the configuration names their origins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.cors import CORSMiddleware

from litellm_gateway.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.types import ASGIApp

_SHOWN: Final = (
    *("retry-after", "x-litellm-call-id", "x-litellm-model-group", "x-litellm-attempted-fallbacks"),
    *("x-gateway-deployment", "x-gateway-commit", "x-gateway-model", "x-request-id"),
)
_FIRST_ERROR: Final = 400


class _Pages(CORSMiddleware):
    """Asks and answers as browsers do; a page that may not call is refused in the shape of all errors."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Whether a page may call, which its browser asks before."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < _FIRST_ERROR:
            return answer
        flaw = bytes(answer.body).decode()
        refused = invalid("invalid_value", f"{flaw}. Pages may call that cors_origins of the configuration names.")
        refused.headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return refused.response()


def allow(application: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, which tells browsers that pages of these origins may call it; itself where there are none.

    Official clients send a dozen headers of their own, which few names here would keep out of browsers; LiteLLM gets
    to see none of them.
    """
    if not origins:
        return application
    return _Pages(
        application, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=("*",), expose_headers=_SHOWN
    )
