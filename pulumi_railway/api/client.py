"""The one way to Railway's API: authentication, time limits, retries and error reporting in one `execute`."""

from __future__ import annotations

import contextlib
import functools
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import httpx

from pulumi_railway.api import tokens
from pulumi_railway.api.answers import Answer
from pulumi_railway.api.classification import UNEXPLAINED, interpret, network_error
from pulumi_railway.api.documents import Document
from pulumi_railway.api.errors import NotFound, TokenError
from pulumi_railway.api.rate_limit import RateLimit
from pulumi_railway.api.retries import INTERRUPTED, RetryPolicy, interruptible
from pulumi_railway.api.tokens import Credentials, Kind
from pulumi_railway.errors import Cancelled
from pulumi_railway.redaction import Redactor

Log = Callable[[Literal["debug", "info", "warning", "error"], str], None]

DEFAULT_URL: Final = "https://backboard.railway.com/graphql/v2"
USER_AGENT: Final = "pulumi-railway/0.1.0"
CONNECT_TIMEOUT: Final = 10.0
"""Seconds; `RetryPolicy` bounds the rest."""


class RailwayClient:
    """A connection to Railway's GraphQL API, safe to use from several threads. Close it when done.

    `credentials` may be a function: it is called once, before the first request. `log` hears of every wait.
    `cancelled` ends waits and retries. Errors are subclasses of `RailwayError`; no token appears in them.
    """

    def __init__(
        self,
        credentials: Credentials | Callable[[], Credentials],
        *,
        url: str = DEFAULT_URL,
        redactor: Redactor | None = None,
        log: Log | None = None,
        cancelled: threading.Event | None = None,
        policy: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.redactor = redactor or Redactor()
        self.rate_limit = RateLimit()
        self.has_token = isinstance(credentials, Credentials)
        """Whether a token is at hand without asking anybody for it."""
        self._source = credentials
        self._known: tuple[str, Kind] | None = None
        self._lock = threading.Lock()
        self._creating = threading.Lock()
        self._policy = policy or RetryPolicy()
        self._log = log or (lambda _severity, _message: None)
        self._cancelled = cancelled or threading.Event()
        self._url = url
        timeout = httpx.Timeout(self._policy.answer, connect=min(self._policy.answer, CONNECT_TIMEOUT))
        self._http = httpx.Client(
            timeout=timeout, transport=transport, verify=_authorities(), headers={"User-Agent": USER_AGENT}
        )

    @property
    def kind(self) -> Kind:
        """The kind of the token; may have to fetch it, or to ask Railway."""
        return self._credentials()[1]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def execute(self, document: Document, variables: Mapping[str, Any]) -> Answer:
        """Send `document` and return the operation's own field of the answer. Raises `RailwayError`."""
        token, kind = self._credentials()
        try:
            return self._send(document, variables, token, kind)
        except TokenError as error:
            if not error.message.startswith(UNEXPLAINED):
                raise
            raise self._explain(document, error, token, kind) from error

    def pages(self, document: Document, variables: Mapping[str, Any], connection: str = "") -> Iterator[Answer]:
        """The operation's own field, page by page; the document takes the cursor as `$after`.

        `connection` names the field below it that is paged, where that is not the operation's own.
        """
        cursor: str | None = None
        while True:
            answer = self.execute(document, {**variables, "after": cursor})
            yield answer
            cursor = (answer[connection] if connection else answer).next_cursor(cursor)
            if cursor is None:
                return

    def _credentials(self) -> tuple[str, Kind]:
        with self._lock:
            if self._known is None:
                found = self._source if isinstance(self._source, Credentials) else self._source()
                self.redactor.register(found.token)
                self._known = (found.token, found.kind or self._probe(found.token))
            return self._known

    def _probe(self, token: str) -> Kind:
        """A project token answers under its own header; everything else is sent as Bearer."""
        try:
            self._send(tokens.PROJECT_TOKEN, {}, token, "project")
        except TokenError:
            return "bearer"
        return "project"

    def _send(self, document: Document, variables: Mapping[str, Any], token: str, kind: Kind) -> Answer:
        retrying = self._policy.retrying(self._log, self._cancelled)
        with self._turn(document):
            return retrying(self._post, document, variables, token, kind)

    @contextlib.contextmanager
    def _turn(self, document: Document) -> Iterator[None]:
        """Creations that all wait and try again would keep each other out: the second waits until the first is made."""
        if not document.one_at_a_time:
            yield
            return
        with self._creating:
            if self._cancelled.is_set():
                raise Cancelled(INTERRUPTED)
            yield

    def _post(self, document: Document, variables: Mapping[str, Any], token: str, kind: Kind) -> Answer:
        body = {"query": document.text, "variables": dict(variables), "operationName": document.operation}
        if delay := self.rate_limit.delay():
            interruptible(self._cancelled)(delay)
        try:
            response = self._http.post(
                self._url, params={"source": "pulumi-railway"}, json=body, headers=tokens.headers(token, kind)
            )
        except httpx.RequestError as error:
            raise network_error(document, error) from error
        self.rate_limit.hear(response.headers)
        return interpret(document, response)

    def _explain(self, document: Document, error: TokenError, token: str, kind: Kind) -> TokenError | NotFound:
        """Railway says the same for a bad token and an unknown id: prove the token, then tell them apart."""
        proof = self._proof(token, kind)
        if proof is not None:
            works = f"The token works ({tokens.scope(kind, proof)}): the id is unknown, deleted or outside its scope."
            remedy = f"{works} Correct it, or run `pulumi up --refresh`, which makes anew what was deleted."
            return NotFound(
                document.operation, error.message, status=error.status, trace_id=error.trace_id, remedy=remedy
            )
        other: Kind = "bearer" if kind == "project" else "project"
        if self._proof(token, other) is not None:
            remedy = f"The token given as {tokens.DESCRIPTION[kind]} is {tokens.DESCRIPTION[other]}: set it as that."
        else:
            remedy = f"It is refused as {tokens.DESCRIPTION[kind]}: expired, revoked or mistyped. {error.remedy}"
        return TokenError(
            document.operation, error.message, status=error.status, trace_id=error.trace_id, remedy=remedy
        )

    def _proof(self, token: str, kind: Kind) -> Answer | None:
        try:
            return self._send(tokens.PROOF[kind], {}, token, kind)
        except TokenError:
            return None


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Whose certificates count, read once a process: that takes longer than a call."""
    return httpx.create_ssl_context()
