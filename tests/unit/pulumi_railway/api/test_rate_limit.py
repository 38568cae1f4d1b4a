"""The rate limit by its headers: what is left is spread, and no second gets more than its share."""

from __future__ import annotations

import datetime as dt
import threading
import time

import httpx
import pytest

from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.documents import query
from pulumi_railway.api.headers import reset_after
from pulumi_railway.api.rate_limit import RESERVE, SMALLEST, RateLimit
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import Cancelled

pytestmark = pytest.mark.unit


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds


def heard(hands: Hands, limit: int, remaining: int, reset: int = 3600) -> RateLimit:
    made = RateLimit(hands.now)
    headers = {"limit": limit, "remaining": remaining, "reset": reset}
    made.hear({f"x-ratelimit-{name}": str(value) for name, value in headers.items()})
    return made


class TestInterval:
    def test_what_is_left_lasts_for_the_time_asked_for(self) -> None:
        assert heard(Hands(), 100, RESERVE + 60).interval(1800.0) == 30.0

    def test_or_until_the_reset_where_that_comes_first(self) -> None:
        hands = Hands()
        made = heard(hands, 100, RESERVE + 60, reset=600)
        assert made.interval(1800.0) == 10.0
        hands.seconds += 300
        assert made.interval(1800.0) == 5.0
        hands.seconds += 400
        assert made.interval(1800.0) == 0.0

    def test_a_large_plan_is_not_slowed_down(self) -> None:
        assert heard(Hands(), 10_000, 9_900).interval(1800.0) < 0.2

    def test_until_railway_says_it_is_the_smallest_plan(self) -> None:
        assert RateLimit().interval(SMALLEST - RESERVE) == 1.0

    def test_the_reserve_is_not_spread(self) -> None:
        assert heard(Hands(), 100, RESERVE).interval(1800.0) == 1800.0

    @pytest.mark.parametrize("answer", [{}, {"x-ratelimit-remaining": "many"}, {"x-ratelimit-reset": "soon"}])
    def test_what_headers_do_not_say_stays(self, answer: dict[str, str]) -> None:
        made = heard(Hands(), 100, RESERVE + 10)
        made.hear(answer)
        assert made.interval(100.0) == 10.0


class TestDelay:
    @pytest.mark.parametrize(("limit", "a_second"), [(100, 10), (1_000, 10), (10_000, 50)])
    def test_a_second_gets_its_share_and_the_next_one_the_rest(self, limit: int, a_second: int) -> None:
        hands = Hands()
        made = heard(hands, limit, limit)
        assert {made.delay() for _ in range(a_second)} == {0.0}
        hands.seconds += 0.25
        assert [made.delay() for _ in range(2)] == [0.75, 0.75]
        hands.seconds += 2.0
        assert made.delay() == 0.0

    def test_without_a_limit_nothing_waits(self) -> None:
        made = RateLimit(Hands().now)
        assert {made.delay() for _ in range(200)} == {0.0}


def test_the_client_waits_for_its_share_of_the_second_until_it_is_interrupted() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": {"thing": 1}}, headers={"x-ratelimit-limit": "100"})

    read, cancelled = query("thing", "query thing { thing }"), threading.Event()
    made = RailwayClient(Credentials("t", "project"), transport=httpx.MockTransport(answer), cancelled=cancelled)
    cancelled.set()
    for _ in range(10):
        made.execute(read, {})
    with pytest.raises(Cancelled):
        made.execute(read, {})


class TestResetAfter:
    def test_seconds_from_now(self) -> None:
        assert reset_after("3600") == 3600.0

    @pytest.mark.parametrize("factor", [1, 1000])
    def test_a_moment_since_1970(self, factor: int) -> None:
        found = reset_after(str(round((time.time() + 50) * factor)))
        assert found is not None
        assert 45 < found <= 51

    def test_a_date(self) -> None:
        found = reset_after((dt.datetime.now(dt.UTC) + dt.timedelta(seconds=50)).strftime("%a, %d %b %Y %H:%M:%S GMT"))
        assert found is not None
        assert 45 < found <= 50

    def test_a_moment_that_has_passed(self) -> None:
        assert reset_after("1700000000") == 0.0

    @pytest.mark.parametrize("header", [None, "", "soon", "-5"])
    def test_anything_else(self, header: str | None) -> None:
        assert reset_after(header) is None
