"""Headers that pass: few of the client's, few of LiteLLM's, and the gateway's own identity.

LiteLLM takes orders from request headers (timeouts, tags, other keys) and tells in response headers which address it
called and what the provider said. Both directions are therefore lists of what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Send

RawHeaders = list[tuple[bytes, bytes]]

REQUEST_KEPT: Final = frozenset({b"host", b"accept", b"user-agent"})

RESPONSE_KEPT: Final = frozenset(
    {
        b"content-type",
        b"content-length",
        b"cache-control",
        b"retry-after",
        b"x-litellm-model-group",
        b"x-litellm-model-name",
        b"x-litellm-attempted-fallbacks",
        b"x-litellm-response-cost",
        b"x-litellm-call-id",
        b"x-litellm-overhead-duration-ms",
    }
)


@dataclass(frozen=True)
class Identity:
    """Which deployment answers, and the commit it was built from."""

    deployment: str
    commit: str

    def stamp(self, send: Send, last: Callable[[], bool]) -> Send:
        """A `send` that adds the identity to every response.

        The server closes the connection after the one that is the `last` on it by then.
        """
        own = [(b"x-gateway-deployment", self.deployment.encode()), (b"x-gateway-commit", self.commit.encode())]

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *own]
                if last():
                    kept = [pair for pair in message["headers"] if pair[0] != b"connection"]
                    message["headers"] = [*kept, (b"connection", b"close")]
            await send(message)

        return stamped


def for_litellm(client: RawHeaders, *, key: str, call_id: str, length: int) -> RawHeaders:
    """Headers of the request LiteLLM gets: its own check of the key stays in place, and it takes over the call's id."""
    kept = [(name, value) for name, value in client if name in REQUEST_KEPT]
    return [
        *kept,
        (b"authorization", b"Bearer " + key.encode()),
        (b"x-litellm-call-id", call_id.encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(length).encode()),
    ]
