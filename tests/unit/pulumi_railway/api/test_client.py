"""The client over a transport in memory: what it sends, and what it makes of answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pulumi_railway.api import deployments, projects
from pulumi_railway.api.client import USER_AGENT, RailwayClient
from pulumi_railway.api.documents import mutation, query
from pulumi_railway.api.errors import (
    AmbiguousResult,
    ApiChanged,
    NotFound,
    RailwayError,
    RateLimited,
    Refused,
    TokenError,
    Unavailable,
)
from pulumi_railway.api.headers import retry_after
from pulumi_railway.api.retries import RetryPolicy
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import Cancelled
from tests.retry_after import date_in

pytestmark = pytest.mark.unit

READ = query("thing", "query thing($id: String!) { thing(id: $id) { name } }")
MAKE = mutation("makeThing", "mutation makeThing { makeThing { id } }", idempotent=False)
ALONE = mutation("makeOne", "mutation makeOne { makeOne { id } }", idempotent=False, one_at_a_time=True)
SET = mutation("setThing", "mutation setThing { setThing }", idempotent=True)

Answering = Callable[[httpx.Request], httpx.Response]


def client(answer: Answering, credentials: Any = None, **given: Any) -> RailwayClient:
    return RailwayClient(
        credentials or Credentials("secret-token-1", "project"),
        transport=httpx.MockTransport(answer),
        policy=RetryPolicy(backoff=0.0),
        **given,
    )


def always(
    status: int = 200, body: Any = None, headers: dict[str, str] | dict[bytes, bytes] | None = None
) -> Answering:
    def answer(_request: httpx.Request) -> httpx.Response:
        if isinstance(body, str):
            return httpx.Response(status, text=body, headers=headers)
        return httpx.Response(status, json=body, headers=headers)

    return answer


def error(message: str, code: str = "INTERNAL_SERVER_ERROR", **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}, "traceId": "123", **more}], "data": None}


class TestSending:
    def test_values_travel_as_variables(self) -> None:
        seen: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(200, json={"data": {"thing": {"name": "x"}}})

        value = 'quote " backslash \\ } newline \n'
        client(answer, url="https://railway.example/graphql/v2").execute(READ, {"id": value})
        [request] = seen
        body = json.loads(request.content)
        assert body == {"query": READ.text, "variables": {"id": value}, "operationName": "thing"}
        assert request.headers["user-agent"] == USER_AGENT
        assert str(request.url) == "https://railway.example/graphql/v2?source=pulumi-railway"

    @pytest.mark.parametrize(
        ("kind", "header", "value"),
        [("project", "project-access-token", "t-1"), ("bearer", "authorization", "Bearer t-1")],
    )
    def test_each_kind_of_token_has_its_header(self, kind: Any, header: str, value: str) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            assert request.headers[header] == value
            assert ("authorization" in request.headers) != ("project-access-token" in request.headers)
            return httpx.Response(200, json={"data": {"thing": {"name": "x"}}})

        client(answer, Credentials("t-1", kind)).execute(READ, {"id": "1"})

    def test_a_token_is_fetched_once_and_only_when_needed(self) -> None:
        fetched: list[int] = []

        def fetch() -> Credentials:
            fetched.append(1)
            return Credentials("t-1", "bearer")

        made = client(always(body={"data": {"thing": {"name": "x"}}}), fetch)
        assert not made.has_token
        assert fetched == []
        made.execute(READ, {})
        made.execute(READ, {})
        assert fetched == [1]
        assert made.redactor("t-1") != "t-1"

    def test_credentials_do_not_show_their_token(self) -> None:
        assert "secret" not in repr(Credentials("secret-token-1", "project"))

    def test_an_unknown_kind_is_probed_once(self) -> None:
        seen: list[tuple[str, bool]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            operation = json.loads(request.content)["operationName"]
            seen.append((operation, "authorization" in request.headers))
            if operation == "projectToken":
                return httpx.Response(200, json=error("Project Token not found"))
            return httpx.Response(200, json={"data": {"thing": {"name": "x"}}})

        made = client(answer, Credentials("t-1"))
        made.execute(READ, {})
        made.execute(READ, {})
        assert seen == [("projectToken", False), ("thing", True), ("thing", True)]


class TestMeaning:
    @pytest.mark.parametrize(
        ("body", "kind", "told"),
        [
            (error("Two Factor Authentication Required"), TokenError, "two-factor"),
            (error("Who are you", "UNAUTHENTICATED"), TokenError, "UNAUTHENTICATED"),
            (error("Deployment not found"), NotFound, "not found (HTTP 200, traceId 123). Where it was deleted"),
            (error("gone", "NOT_FOUND"), NotFound, "NOT_FOUND"),
            (error("Service deployment rate limit exceeded"), RateLimited, "Wait some minutes"),
            (error("You are creating too quickly. Allowed is 1 in 900 seconds"), RateLimited, "Wait some minutes"),
            (error("Problem processing request"), Refused, "Problem processing request"),
            (error("no", path=["thing", "name"]), Refused, "no at thing.name"),
            ({"data": None}, ApiChanged, "API changed: field thing is missing"),
            ({"data": {"other": 1}}, ApiChanged, "API changed: field thing is missing"),
            ({}, ApiChanged, "API changed: field thing is missing"),
            ([], Unavailable, "instead of JSON"),
        ],
    )
    def test_of_answers_with_status_200(self, body: Any, kind: type[RailwayError], told: str) -> None:
        with pytest.raises(kind) as caught:
            client(always(body=body)).execute(READ, {})
        assert type(caught.value) is kind
        assert told in str(caught.value)
        assert "secret-token-1" not in str(caught.value)

    def test_partial_data_beside_errors_is_a_failure(self) -> None:
        body = {**error("half"), "data": {"thing": {"name": "x"}}}
        with pytest.raises(Refused, match="half"):
            client(always(body=body)).execute(READ, {})

    @pytest.mark.parametrize(
        ("status", "body", "kind", "told"),
        [
            (400, error("Unknown field", "GRAPHQL_VALIDATION_FAILED"), ApiChanged, "newer version"),
            (400, error('Field "x" is not defined by type "Y".', "BAD_USER_INPUT"), ApiChanged, "newer version"),
            (400, error("Invalid input", "BAD_USER_INPUT"), Refused, r"Invalid input [BAD_USER_INPUT]"),
            (401, {"message": "no"}, TokenError, "HTTP 401"),
            (404, {"message": "Not here", "requestId": "r-1"}, Refused, "traceId r-1). Check RAILWAY_API_URL"),
            (429, "slow", RateLimited, "HTTP 429"),
            (429, "<html>error code: 1015</html>", RateLimited, "page 1015"),
            (500, {}, Unavailable, "server error"),
            (502, "<html></html>", Unavailable, "an HTML page instead of JSON"),
            (200, "hello", Unavailable, "something else instead of JSON"),
        ],
    )
    def test_of_other_statuses(self, status: int, body: Any, kind: type[RailwayError], told: str) -> None:
        with pytest.raises(kind) as caught:
            client(always(status, body)).execute(READ, {})
        assert type(caught.value) is kind
        assert told in str(caught.value)

    def test_a_field_below_names_its_path(self) -> None:
        body = {"data": {"project": {"id": "1", "name": "n", "environments": {"edges": None}, "services": {}}}}
        with pytest.raises(ApiChanged, match=r"field project\.environments\.edges is NoneType, not list"):
            projects.read(client(always(body=body)), "1")

    def test_an_error_is_one_line(self) -> None:
        with pytest.raises(Refused) as caught:
            client(always(body=error("no."))).execute(READ, {})
        assert str(caught.value) == (
            "Railway, thing: no (HTTP 200, traceId 123). "
            "Correct what it says, then run again; what was finished stays in the state."
        )


class Waits(threading.Event):
    """Remembers how long it was waited for, and waits no time."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seen.append(timeout)
        return False


class TestRepeating:
    @staticmethod
    def failing(times: int, failure: Exception | httpx.Response, seen: list[str]) -> Answering:
        def answer(request: httpx.Request) -> httpx.Response:
            operation = json.loads(request.content)["operationName"]
            seen.append(operation)
            if len(seen) <= times:
                if isinstance(failure, Exception):
                    raise failure
                return failure
            return httpx.Response(200, json={"data": {operation: {"name": "x", "id": "1"}}})

        return answer

    @pytest.mark.parametrize("document", [READ, SET], ids=["query", "idempotent"])
    @pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), None])
    def test_what_may_be_repeated_is(self, document: Any, failure: Exception | None) -> None:
        seen: list[str] = []
        client(self.failing(2, failure or httpx.Response(500, json={}), seen)).execute(document, {})
        assert len(seen) == 3

    @pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), httpx.WriteError("cut"), None])
    def test_a_create_without_answer_is_not(self, failure: Exception | None) -> None:
        seen: list[str] = []
        with pytest.raises(AmbiguousResult):
            client(self.failing(2, failure or httpx.Response(502, text="<html>"), seen)).execute(MAKE, {})
        assert len(seen) == 1

    @pytest.mark.parametrize("message", ["Service deployment rate limit exceeded", "Problem processing request"])
    def test_a_refusal_is_not_repeated(self, message: str) -> None:
        seen: list[str] = []
        with pytest.raises(RailwayError, match=message):
            client(self.failing(1, httpx.Response(200, json=error(message)), seen)).execute(SET, {})
        assert seen == ["setThing"]

    @pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
    def test_a_create_that_was_never_sent_is(self, failure: Exception) -> None:
        seen: list[str] = []
        client(self.failing(2, failure, seen)).execute(MAKE, {})
        assert len(seen) == 3

    def test_the_number_of_attempts_is_limited(self) -> None:
        seen: list[str] = []
        with pytest.raises(Unavailable, match="nothing was sent"):
            client(self.failing(99, httpx.ConnectError("refused"), seen)).execute(READ, {})
        assert len(seen) == RetryPolicy().attempts

    def test_the_time_of_all_attempts_is_limited(self) -> None:
        seen: list[str] = []
        made = RailwayClient(
            Credentials("t", "project"),
            transport=httpx.MockTransport(self.failing(99, httpx.ReadTimeout("slow"), seen)),
            policy=RetryPolicy(backoff=0.01, total=0.0),
        )
        with pytest.raises(Unavailable):
            made.execute(READ, {})
        assert len(seen) == 1

    def test_a_pause_is_as_long_as_railway_says_and_told(self) -> None:
        said: list[tuple[str, str]] = []
        seen: list[str] = []
        cancelled = Waits()
        limited = httpx.Response(429, json={}, headers={"retry-after": "17"})
        made = client(self.failing(1, limited, seen), log=lambda *line: said.append(line), cancelled=cancelled)
        made.execute(MAKE, {})
        assert cancelled.seen == [17.0]
        assert said[0][0] == "warning"
        assert "trying again in 17 s" in said[0][1]

    def test_a_limit_that_names_no_pause_lasts_until_its_reset(self) -> None:
        seen: list[str] = []
        cancelled = Waits()
        limited = httpx.Response(429, json={}, headers={"x-ratelimit-reset": "17"})
        client(self.failing(1, limited, seen), cancelled=cancelled).execute(MAKE, {})
        assert cancelled.seen == [17.0]

    @pytest.mark.parametrize(
        ("message", "seconds"),
        [
            ("You are creating environments too quickly. This workspace allows 1 environment per 30 seconds.", 30.0),
            ("Only one environment can be created per user every 45s", 45.0),
            ("You are creating volumes too quickly", 30.0),
        ],
    )
    def test_a_creation_that_comes_too_soon_is_repeated_after_the_time_railway_names(
        self, message: str, seconds: float
    ) -> None:
        seen: list[str] = []
        cancelled = Waits()
        refused = httpx.Response(200, json=error(message))
        client(self.failing(2, refused, seen), cancelled=cancelled).execute(MAKE, {})
        assert len(seen) == 3
        assert cancelled.seen == [seconds, seconds]

    def test_an_interrupt_ends_the_wait_for_ones_turn(self) -> None:
        """The first creation waits for Railway and the second for the first; neither is sent again."""
        seen: list[str] = []
        cancelled, waiting = threading.Event(), threading.Event()
        refused = httpx.Response(200, json=error("You are creating things too quickly"))
        made = client(self.failing(9, refused, seen), log=lambda *_: waiting.set(), cancelled=cancelled)
        with ThreadPoolExecutor() as pool:
            first = pool.submit(made.execute, ALONE, {})
            assert waiting.wait(10)
            second = pool.submit(made.execute, ALONE, {})
            cancelled.set()
            assert {type(each.exception(10)) for each in (first, second)} == {Cancelled}
        assert len(seen) == 1

    def test_an_interrupt_ends_the_pause(self) -> None:
        cancelled = threading.Event()
        cancelled.set()
        limited = always(429, {}, {"retry-after": "100"})
        with pytest.raises(Cancelled, match="Run again"):
            client(limited, cancelled=cancelled).execute(READ, {})


class TestRetryAfter:
    def test_seconds(self) -> None:
        assert retry_after("30") == 30.0

    def test_a_date(self) -> None:
        found = retry_after(date_in(50)[1])
        assert found is not None
        assert 45 < found <= 50

    def test_a_date_that_has_passed(self) -> None:
        assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0

    @pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²", "٣", "9" * 400])
    def test_anything_else(self, header: str | None) -> None:
        assert retry_after(header) is None

    def test_a_date_without_a_zone_is_utc(self) -> None:
        found = retry_after(date_in(50)[1].replace("GMT", "-0000"))
        assert found is not None
        assert 45 < found <= 50

    @pytest.mark.parametrize("header", ["9" * 18, "Fri, 31 Dec 9999 23:59:59 GMT"])
    def test_a_wait_beyond_any_calendar_is_one_clear_error(self, header: str) -> None:
        with pytest.raises(RateLimited, match="the limit resets at 2") as caught:
            client(always(429, {}, headers={"Retry-After": header})).execute(READ, {})
        assert caught.value.retry_after == 365 * 86400.0


class TestPaging:
    def test_all_pages_of_both_connections_are_read(self) -> None:
        rows = {"environments": list("ab"), "services": list("vwxyz")}

        def answer(request: httpx.Request) -> httpx.Response:
            variables = json.loads(request.content)["variables"]
            project: dict[str, Any] = {"id": "p", "name": "n"}
            for kind, ids in rows.items():
                start = int(variables[kind] or 0)
                rest = {"deletedAt": None, "createdAt": "2026-08-21T10:00:00.000Z"}
                edges = [{"node": {"id": each, "name": each, **rest}} for each in ids[start : start + 2]]
                end = start + len(edges)
                cursor = str(end) if edges else None
                project[kind] = {"edges": edges, "pageInfo": {"hasNextPage": end < len(ids), "endCursor": cursor}}
            return httpx.Response(200, json={"data": {"project": project}})

        found = projects.read(client(answer), "p")
        assert [each.id for each in found.environments] == list("ab")
        assert [each.id for each in found.services] == list("vwxyz")
        assert {each.created_at for each in found.services} == {datetime(2026, 8, 21, 10, tzinfo=UTC)}

    def test_events_come_from_every_page(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            after = json.loads(request.content)["variables"]["after"]
            node = {
                "step": "B" if after else "A",
                "completedAt": None,
                "payload": None if after else {"error": "e", "reason": None, "detail": "d"},
            }
            page = {"hasNextPage": not after, "endCursor": "1"}
            return httpx.Response(
                200, json={"data": {"deploymentEvents": {"edges": [{"node": node}], "pageInfo": page}}}
            )

        found = deployments.events(client(answer), "d")
        assert [(event.step, event.error) for event in found] == [("A", "e: d"), ("B", "")]


def test_the_requests_left_are_remembered() -> None:
    made = client(always(body={"data": {"thing": {}}}, headers={"x-ratelimit-remaining": "12"}))
    assert made.rate_limit.remaining == 100
    made.execute(READ, {})
    assert made.rate_limit.remaining == 12


def test_an_unreadable_number_of_requests_left_is_none() -> None:
    made = client(always(body={"data": {"thing": {}}}, headers={b"x-ratelimit-remaining": b"\xb2"}))
    made.execute(READ, {})
    assert made.rate_limit.remaining == 100
