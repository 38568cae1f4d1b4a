"""Calls about resources: from the protocol's messages to a handler's plain values and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pulumi_railway.handlers.base import UNKNOWN, Handler, PartialFailure, State
from pulumi_railway.plugin import property_diffs, schema
from pulumi_railway.plugin.codec import Decoded, decode, encode
from pulumi_railway.plugin.failures import InitFailed, UnsupportedError, check_failures
from pulumi_railway.plugin.protocol import provider_pb2

if TYPE_CHECKING:
    from collections.abc import Collection

    from google.protobuf.struct_pb2 import Struct

    from pulumi_railway.handlers.base import Properties
    from pulumi_railway.plugin.codec import Path
    from pulumi_railway.plugin.session import Session
    from pulumi_railway.redaction import Redactor


class Resources:
    """The life of resources, by type token. Errors leave as they are; `failures` gives them a status."""

    def __init__(self, handlers: Mapping[str, Handler], session: Session, redactor: Redactor) -> None:
        self._handlers = handlers
        self._session = session
        self._redactor = redactor

    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Validate and normalise inputs; each bad input is told by its name."""
        news = self._decode(request.news)
        olds = self._decode(request.olds).values or None
        checked = self._handler(request.urn).check(olds, news.values)
        wrong = check_failures(checked.failures, self._redactor)
        return provider_pb2.CheckResponse(inputs=encode(checked.inputs, news.secrets), failures=wrong)

    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Compare old inputs with new ones; what only became secret is no change."""
        old = self._state(request.id, request.old_inputs, request.olds)
        news = self._decode(request.news).values
        return property_diffs.response(self._handler(request.urn).diff(old, news), old.inputs, news)

    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Make a resource, or in a preview tell what is known of it."""
        news = self._decode(request.properties)
        if request.preview:
            outputs = self._preview(request.urn, request.timeout, None, news.values)
            return provider_pb2.CreateResponse(properties=encode(outputs, news.secrets))
        context = self._session.context(request.urn, request.timeout)
        with _keeping(news.secrets):
            state = self._handler(request.urn).create(context, news.values)
        return provider_pb2.CreateResponse(id=state.id, properties=encode(state.outputs, news.secrets))

    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """The live state for a refresh, or with an id alone for an import; an empty answer where it is gone."""
        inputs, outputs = self._decode(request.inputs), self._decode(request.properties)
        secrets = inputs.secrets | outputs.secrets
        if self._session.unknown:
            known = encode(_unknown_beyond(request.urn, {**inputs.values, **outputs.values}), secrets)
            return provider_pb2.ReadResponse(id=request.id, inputs=request.inputs, properties=known)
        context = self._session.context(request.urn, request.timeout)
        with _keeping(secrets):
            live = self._handler(request.urn).read(context, State(request.id, inputs.values, outputs.values))
        if live is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=live.id, inputs=encode(live.inputs, secrets), properties=encode(live.outputs, secrets)
        )

    def update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or in a preview tell what is known of the change."""
        old = self._state(request.id, request.old_inputs, request.olds)
        news = self._decode(request.news)
        if request.preview:
            outputs = self._preview(request.urn, request.timeout, old, news.values)
            return provider_pb2.UpdateResponse(properties=encode(outputs, news.secrets))
        context = self._session.context(request.urn, request.timeout)
        with _keeping(news.secrets):
            state = self._handler(request.urn).update(context, old, news.values)
        return provider_pb2.UpdateResponse(properties=encode(state.outputs, news.secrets))

    def delete(self, request: provider_pb2.DeleteRequest) -> None:
        """Remove a resource; one that is gone already counts as removed."""
        old = self._state(request.id, request.old_inputs, request.properties)
        self._handler(request.urn).delete(self._session.context(request.urn, request.timeout), old)

    def _preview(self, urn: str, timeout: float, old: State | None, news: Properties) -> Properties:
        """Without a known configuration nothing can be asked, so every output beyond the inputs is unknown."""
        if self._session.unknown:
            return _unknown_beyond(urn, news)
        return self._handler(urn).preview(self._session.context(urn, timeout), old, news)

    def _handler(self, urn: str) -> Handler:
        token = _type_of(urn)
        if token not in self._handlers:
            known = ", ".join(sorted(self._handlers))
            raise UnsupportedError(f"{token} is no resource of this provider; it has {known}.")
        return self._handlers[token]

    def _state(self, identity: str, inputs: Struct, outputs: Struct) -> State:
        return State(identity, self._decode(inputs).values, self._decode(outputs).values)

    def _decode(self, struct: Struct) -> Decoded:
        decoded = decode(struct)
        for text in decoded.secret_texts():
            self._redactor.register(text)
        return decoded


@contextmanager
def _keeping(secrets: Collection[Path]) -> Iterator[None]:
    """A half-made state leaves with the same secrets as a whole one."""
    try:
        yield
    except PartialFailure as failure:
        raise InitFailed(failure, secrets) from failure


def _unknown_beyond(urn: str, known: Properties) -> Properties:
    return {**dict.fromkeys(schema.outputs(_type_of(urn)), UNKNOWN), **known}


def _type_of(urn: str) -> str:
    """`railway:index:Service` of `urn:pulumi:STACK::PROJECT::PARENT$railway:index:Service::NAME`."""
    qualified = urn.split("::", 3)[2] if urn.count("::") > 1 else urn
    return qualified.rpartition("$")[2]
