"""Calls of functions: read-only questions a program asks while it runs, in previews too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import schema
from pulumi_railway.plugin.codec import decode, encode, has_unknowns
from pulumi_railway.plugin.failures import UnsupportedError
from pulumi_railway.plugin.protocol import provider_pb2

if TYPE_CHECKING:
    from pulumi_railway.handlers.base import Properties
    from pulumi_railway.plugin.session import Session

VERIFY: Final = "railway:index:verifySecretVersions"


def invoke(request: provider_pb2.InvokeRequest, session: Session) -> provider_pb2.InvokeResponse:
    """Answer a function call; what depends on values of a later run is unknown."""
    if request.tok != VERIFY:
        raise UnsupportedError(f"{request.tok} is no function of this provider; it has {VERIFY}.")
    arguments = decode(request.args).values
    if failures := _check(arguments):
        return provider_pb2.InvokeResponse(failures=failures)
    if session.unknown or has_unknowns(arguments):
        return _answer(dict.fromkeys(schema.results(VERIFY), UNKNOWN))
    return _answer({"problems": _verify(arguments["references"], session)})


def _check(arguments: Properties) -> list[provider_pb2.CheckFailure]:
    failures = [
        provider_pb2.CheckFailure(property=name, reason="is no argument of this function; it has references")
        for name in sorted(set(arguments) - {"references"})
    ]
    references = arguments.get("references")
    listed = references is UNKNOWN or isinstance(references, list)
    if not listed or not all(item is UNKNOWN or isinstance(item, str) for item in references or ()):
        reason = "must be a list of references to secrets, projects/P/secrets/S/versions/N"
        failures.append(provider_pb2.CheckFailure(property="references", reason=reason))
    return failures


def _verify(references: list[str], session: Session) -> list[dict[str, str]]:
    """The references, and the secret of Railway's token where that is what the provider will use."""
    secrets = session.context(urn="", timeout=0.0).secrets
    problems = [*secrets.verify(references), *secrets.verify(session.token_references(), pinned=False)]
    return [{"reference": each.reference, "problem": each.problem, "remedy": each.remedy} for each in problems]


def _answer(values: dict[str, Any]) -> provider_pb2.InvokeResponse:
    """The field is called `return`, a word Python keeps for itself."""
    response = provider_pb2.InvokeResponse()
    getattr(response, "return").CopyFrom(encode(values))
    return response
