"""The paths that exist. LiteLLM serves some hundreds more: none of them can be reached through the gateway."""

from __future__ import annotations

from typing import Final

from litellm_gateway.errors import RequestError

HEALTH: Final = "/health"
MODELS: Final = "/v1/models"
CHAT: Final = "/v1/chat/completions"
COMPLETIONS: Final = "/v1/completions"
MESSAGES: Final = "/v1/messages"
EMBEDDINGS: Final = "/v1/embeddings"
BUDGET: Final = "/v1/budget"
METRICS: Final = "/metrics"
STATUS: Final = "/status"

METHODS: Final = {
    HEALTH: ("GET", "HEAD"),
    MODELS: ("GET", "HEAD"),
    CHAT: ("POST",),
    COMPLETIONS: ("POST",),
    MESSAGES: ("POST",),
    BUDGET: ("GET", "HEAD"),
    METRICS: ("GET", "HEAD"),
    STATUS: ("GET", "HEAD"),
}


def check(method: str, path: str) -> None:
    """Raise a 404 for an unknown path, a 405 with `Allow` for a wrong method.

    Both close the connection, since a body that may follow is never read.
    """
    if path == EMBEDDINGS:
        message = "No model here makes embeddings. GET /v1/models lists those there are; all of them answer in text."
        raise RequestError(404, "embeddings_not_supported", message)
    allowed = METHODS.get(path)
    if allowed is None:
        message = f"There is no such path here. Try {', '.join(METHODS)}."
        raise RequestError(404, "not_found", message)
    if method not in allowed:
        allow = ", ".join(allowed)
        message = f"{path} answers {allow} only."
        raise RequestError(405, "method_not_allowed", message, headers={"allow": allow})
