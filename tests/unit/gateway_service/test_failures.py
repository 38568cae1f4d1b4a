"""Which failed attempts a provider may bill, by what LiteLLM and its HTTP client raise."""

from __future__ import annotations

import pytest
from litellm_gateway.failures import is_clients_mistake, may_be_billed

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
    "last", ["ReadTimeout", "ReadError", "ClientOSError", "RemoteProtocolError", "JSONDecodeError"]
)
def test_what_was_sent_may_be_billed_also_where_nobody_was_reached_before(last: str) -> None:
    assert may_be_billed(raised("litellm.exceptions.InternalServerError", last, "ConnectTimeout"))


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


class BadRequestError(Exception):
    """As LiteLLM raises it."""

    status_code = 400


class HTTPStatusError(Exception):
    """As its HTTP client does."""


@pytest.mark.parametrize(
    ("text", "cause", "clients"),
    [
        ("messages.0.content: too long", HTTPStatusError(), True),
        ("Your credit balance is too low to access the API", HTTPStatusError(), False),
        ("API key not valid. Please pass a valid API key.", HTTPStatusError(), False),
        ("You exceeded your current quota", HTTPStatusError(), False),
        ("Your billing is not active", HTTPStatusError(), False),
        ("cannot be read", ValueError(), False),
    ],
)
def test_a_mistake_of_the_client_is_what_a_provider_refused(text: str, cause: Exception, clients: bool) -> None:
    error = BadRequestError(text)
    error.__context__ = cause
    assert is_clients_mistake(error) is clients
