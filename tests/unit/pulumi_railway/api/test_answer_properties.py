"""Whatever an answer holds, it is read, or refused as one `RailwayError` of a named class that shows no value of it."""

from __future__ import annotations

import inspect
import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulumi_railway.api import (
    custom_domains,
    deployments,
    domains,
    environments,
    errors,
    instances,
    project_environments,
    projects,
    services,
    variables,
    volumes,
)
from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.documents import Document, mutation, query
from pulumi_railway.api.errors import AmbiguousResult, ApiChanged, RailwayError, Unavailable
from pulumi_railway.api.headers import reset_after, retry_after
from pulumi_railway.api.place import Place
from pulumi_railway.api.rate_limit import RateLimit
from pulumi_railway.api.retries import RetryPolicy
from pulumi_railway.api.tokens import Credentials
from tests.unit.outcomes import outcome

pytestmark = pytest.mark.unit

TOKEN = "token-that-nobody-may-see"
CANARY = "sk-canary-in-an-answer-0001"
READ = query("thing", "query thing { thing }")
MAKE = mutation("makeThing", "mutation makeThing { makeThing }", idempotent=False)
NAMED = {each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, RailwayError)}
PLACE = Place("p", "e", "s")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(("Not Authorized", "too quickly: 30 seconds", "thing not found", "rate limit", CANARY))
)
KEYS = st.sampled_from(("data", "errors", "message", "extensions", "code", "path", "traceId", "requestId", "thing"))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5),
    max_leaves=12,
)
ERRORS = st.fixed_dictionaries({"errors": JSON | st.lists(st.dictionaries(KEYS, JSON), max_size=2)})
BODIES = (
    st.binary(max_size=40)
    | st.one_of(JSON, ERRORS, st.fixed_dictionaries({"data": JSON})).map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        (
            b"[" * 100_000,
            b'{"errors":' + b"[" * 400 + b"]" * 400 + b"}",
            b'{"data":{"thing":' + b"9" * 5000 + b"}}",
            b'{"data":{"thing":1e999}}',
            b'{"data":{"thing":"\xff\xfe"}}',
            b"<html>Error 1015</html>",
        )
    )
)
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40) | st.from_regex(
    r"Mon, [0-9]{1,25} Jan [0-9]{1,25} [0-9]{1,3}:00:00 ([+-][0-9]{1,9}|GMT)", fullmatch=True
)
NAMES = (
    "content-type",
    "content-encoding",
    "retry-after",
    "x-ratelimit-reset",
    "x-ratelimit-remaining",
    "x-request-id",
)
HEADERS = st.dictionaries(
    st.sampled_from(NAMES),
    st.sampled_from(("gzip", "br", "deflate", "text/html; charset=hex", "application/json; charset=utf-16", "0"))
    | TEXTS,
    max_size=3,
)


Answering = Callable[[httpx.Request], httpx.Response]


class Railway:
    """A client that tries once, and what is answered to it."""

    def __init__(self) -> None:
        self.answer: Answering = lambda _request: httpx.Response(500)
        self.client = RailwayClient(
            Credentials(TOKEN, "project"),
            transport=httpx.MockTransport(self._answer),
            policy=RetryPolicy(attempts=1),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request)


ONE = Railway()
"""Shared by all examples: a client takes longer to make than to use."""


def client(answer: Answering) -> RailwayClient:
    """The client, with this answer to come."""
    ONE.answer = answer
    return ONE.client


def require_named(error: RailwayError, *secrets: str) -> None:
    told = str(error)
    assert type(error) in NAMED - {RailwayError}
    assert told.encode().decode() == told
    assert "\n" not in told
    assert len(told) < 5000
    assert [secret for secret in (TOKEN, *secrets) if secret in told] == []


@given(st.sampled_from((READ, MAKE)), st.sampled_from((200, 204, 302, 400, 401, 404, 429, 500, 502)), BODIES, HEADERS)
@example(READ, 200, b'{"errors": "no"}', {})
@example(READ, 200, b'{"errors": [{"extensions": [1], "path": 7, "message": {"a": 1}}]}', {})
@example(MAKE, 502, b'{"errors": ["down"]}', {"x-request-id": "\xff"})
@example(READ, 200, b"<html>", {"content-type": "text/html; charset=hex"})
@example(MAKE, 200, b"not gzip", {"content-encoding": "gzip"})
def test_any_answer_is_an_answer_or_one_named_error(
    document: Document, status: int, body: bytes, headers: dict[str, str]
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=httpx.ByteStream(body), headers=raw)

    try:
        found = client(answer).execute(document, {})
    except RailwayError as error:
        require_named(error)
    else:
        assert found.operation == document.operation


@pytest.mark.parametrize(("document", "kind"), [(READ, Unavailable), (MAKE, AmbiguousResult)])
def test_an_answer_that_cannot_be_unpacked_is_none(document: Document, kind: type[RailwayError]) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"not gzip"), headers={"content-encoding": "gzip"})

    with pytest.raises(kind):
        client(answer).execute(document, {})


def test_half_a_character_of_a_cut_log_becomes_a_question_mark() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b'{"data": {"thing": "cut \\ud83d"}}')

    assert client(answer).execute(READ, {}).text() == "cut ?"


@given(TEXTS)
@example("Fri, 31 Dec 99999999999999999999 23:59:59 GMT")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
def test_any_header_is_a_time_or_nothing(header: str) -> None:
    for read in (retry_after, reset_after):
        found = read(header)
        assert found is None or 0.0 <= found <= 365 * 86400.0
    limit = RateLimit()
    limit.hear(dict.fromkeys(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"), header))
    assert 0.0 <= limit.interval(1800.0) <= 1800.0


READERS: list[Callable[[RailwayClient], Any]] = [
    lambda api: projects.read(api, "p"),
    projects.reached,
    lambda api: project_environments.read(api, "p"),
    lambda api: project_environments.services(api, "e"),
    lambda api: project_environments.create(api, {}),
    lambda api: environments.read(api, "e"),
    lambda api: environments.staged(api, "e"),
    lambda api: environments.stage(api, "e", {}),
    lambda api: services.create(api, "p", "e", "web", {}),
    lambda api: instances.read(api, PLACE),
    lambda api: domains.read(api, PLACE),
    lambda api: domains.create(api, PLACE, 4000),
    lambda api: custom_domains.read(api, PLACE),
    lambda api: variables.read(api, PLACE),
    lambda api: volumes.read(api, "e"),
    lambda api: volumes.create(api, PLACE, "/data", None),
    lambda api: deployments.read(api, "d"),
    lambda api: deployments.recent(api, PLACE),
    lambda api: deployments.events(api, "d"),
    lambda api: deployments.build_logs(api, "d", 5),
    lambda api: deployments.deploy_logs(api, "d", 5),
    lambda api: deployments.sources(api, PLACE),
]


def value_of(data: st.DataObject, selected: SelectionSetNode | None) -> Any:
    """What a field could hold: as a rule an object with the fields asked for, or a list of such."""
    kind = data.draw(st.sampled_from(("object", "object", "object", "list", "list", "odd"))) if selected else "odd"
    if selected is None or kind == "odd":
        return data.draw(SCALARS | JSON)
    if kind == "list":
        return [value_of(data, selected) for _ in range(data.draw(st.integers(0, 2)))]
    fields = [node for node in selected.selections if isinstance(node, FieldNode)]
    return {node.name.value: value_of(data, node.selection_set) for node in fields}


@pytest.mark.parametrize("read", READERS, ids=range(len(READERS)))
@settings(max_examples=20)
@given(data=st.data())
def test_data_of_any_shape_is_read_or_refused(read: Callable[[RailwayClient], Any], data: st.DataObject) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append(body["operationName"])
        [operation] = parse(body["query"]).definitions
        assert isinstance(operation, OperationDefinitionNode)
        [root] = operation.selection_set.selections
        assert isinstance(root, FieldNode)
        value = value_of(data, root.selection_set) if len(asked) < 5 else None
        return httpx.Response(200, content=json.dumps({"data": {body["operationName"]: value}}))

    try:
        read(client(answer))
    except RailwayError as error:
        require_named(error, CANARY)


def test_a_page_that_is_its_own_next_ends_the_reading() -> None:
    page = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "1"}}
    answers = itertools.count(1)

    def answer(request: httpx.Request) -> httpx.Response:
        assert next(answers) <= 4, "two readers, two pages each"
        operation = json.loads(request.content)["operationName"]
        value = page if operation == "deploymentEvents" else {"environments": page, "services": page}
        return httpx.Response(200, json={"data": {operation: value}})

    for read in (lambda api: deployments.events(api, "d"), lambda api: projects.read(api, "p")):
        _, told = outcome(ApiChanged, read, client(answer))
        assert "a page that is its own next" in told
