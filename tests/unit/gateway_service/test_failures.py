"""Which failed attempts a provider may bill, by what LiteLLM and its HTTP client raise."""

from __future__ import annotations

import pytest
from litellm_gateway.failures import may_be_billed

pytestmark = pytest.mark.unit


def raised(*kinds: str) -> BaseException:
    """The first of these errors, which each of the others led to; those of LiteLLM come with its name."""
    found: BaseException | None = None
    for kind in reversed(kinds):
        module, _, name = kind.rpartition(".")
        error: BaseException = type(name, (Exception,), {"__module__": module})()
        error.__context__ = found
        found = error
    assert found is not None
    return found


ANSWERED = "litellm.exceptions.AuthenticationError", "AnthropicError", "httpx.HTTPStatusError"
TIMEOUT = "litellm.exceptions.Timeout"


@pytest.mark.parametrize(
    ("kinds", "billed"),
    [
        (ANSWERED, False),
        (("litellm.exceptions.InternalServerError", "ConnectError", "ClientConnectorError"), False),
        (
            ("litellm.exceptions.APIConnectionError", "litellm.exceptions.MidStreamFallbackError", "ConnectTimeout"),
            False,
        ),
        (("litellm.exceptions.ImageFetchError", "SSRFError"), False),
        (("litellm.exceptions.InternalServerError", "ConnectError", "ClientOSError"), True),
        (("litellm.exceptions.InternalServerError", "ReadError", "ClientPayloadError"), True),
        ((TIMEOUT, "AnthropicError", TIMEOUT, "ReadTimeout", "SocketTimeoutError"), True),
        (("litellm.exceptions.BadRequestError", "VertexAIError", "JSONDecodeError", "StopIteration"), True),
        (("litellm.exceptions.InternalServerError", "OpenAIError"), True),
        (("litellm.exceptions.InternalServerError", "OpenAIError", *ANSWERED), True),
        ((TIMEOUT, "ReadTimeout", *ANSWERED), True),
        (("litellm.exceptions.InternalServerError", "ClientConnectorError", TIMEOUT, "ReadTimeout"), False),
    ],
)
def test_what_was_refused_or_never_sent_is_free(kinds: tuple[str, ...], billed: bool) -> None:
    assert may_be_billed(raised(*kinds)) is billed
