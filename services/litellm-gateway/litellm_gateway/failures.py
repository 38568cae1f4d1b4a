"""What a failed attempt at a provider tells: why, for people, and whether the provider may bill it all the same.

LiteLLM raises an error of its own from what its HTTP client raised, while it may still be handling the attempt before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNPAID: Final = frozenset(
    {
        "HTTPStatusError",  # the provider refused, with a status
        *("ClientConnectorError", "ClientHttpProxyError", "ConnectTimeout", "PoolTimeout"),  # nobody was reached
        *("ImageFetchError", "UnsupportedParamsError"),  # LiteLLM refused by itself
    }
)
_PAID: Final = frozenset({"ReadTimeout", "ReadError", "ClientOSError", "RemoteProtocolError", "JSONDecodeError"})
"""The request was sent, and what came back, if anything, was no answer."""

_CLIENTS_FAULT: Final = frozenset({400, 422})
_ACCOUNT: Final = re.compile("credit balance|billing|quota|api key|api_key", re.IGNORECASE)

_LITELLM: Final = "litellm.exceptions"
_WRAPPERS: Final = frozenset({"Timeout", "MidStreamFallbackError"})
"""Errors of LiteLLM that it raises below others of its own."""


def reason(error: Exception) -> str:
    """An upstream error without its text: the type and, where there is one, the HTTP status."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    return name if status is None else f"{name}, status {status}"


def is_clients_mistake(error: Exception) -> bool:
    """Whether a provider refused the request itself, and not an account or a key, which some refuse in the same way.

    LiteLLM says the same of an answer that it cannot read.
    """
    refused = getattr(error, "status_code", None) in _CLIENTS_FAULT and not may_be_billed(error)
    return refused and not _ACCOUNT.search(str(error))


def may_be_billed(error: BaseException) -> bool:
    """Whether the provider may have worked on the request: unless it refused with a status, or was never reached."""
    for each in _causes(error):
        names = {kind.__name__ for kind in type(each).__mro__}
        if names & _UNPAID:
            return False
        if names & _PAID:
            return True
    return True


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, up to the attempt before."""
    yield error
    cause = error.__cause__ or error.__context__
    while cause is not None and (type(cause).__module__ != _LITELLM or type(cause).__name__ in _WRAPPERS):
        yield cause
        cause = cause.__cause__ or cause.__context__
