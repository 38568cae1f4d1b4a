"""The paths that cost money. Each is one API of a provider: how its clients send a key, a request, and read errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from litellm_gateway import anthropic, authentication, chat, completions, routes
from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import Headers
    from starlette.responses import JSONResponse

    from litellm_gateway.models import Model


class Prepare(Protocol):
    """Checks a body and bounds it; see `chat.prepare`."""

    def __call__(self, body: bytes, *, models: Mapping[str, Model], max_tokens: int) -> chat.Prepared:
        """Raise a `RequestError` for what must not be sent on."""


@dataclass(frozen=True)
class Endpoint:
    """One path. LiteLLM serves it under the same name."""

    key: Callable[[Headers], str]
    prepare: Prepare
    refusal: Callable[[RequestError], JSONResponse]
    event: Callable[[RequestError], bytes]


ENDPOINTS: Final = {
    routes.CHAT: Endpoint(authentication.bearer, chat.prepare, RequestError.response, RequestError.event),
    routes.COMPLETIONS: Endpoint(authentication.bearer, completions.prepare, RequestError.response, RequestError.event),
    routes.MESSAGES: Endpoint(authentication.x_api_key, anthropic.prepare, anthropic.refusal, anthropic.event),
}
