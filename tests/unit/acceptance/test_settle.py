"""Which answers are waited out, how long, and what is said when the wait is over."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from gateway.acceptance.client import Gateway
from gateway.acceptance.settle import IN_A_ROW, LONGEST_WAIT, SHORTEST_WAIT, right_build
from gateway.acceptance.verdict import CheckFailedError, UndecidedError
from tests.unit.acceptance.conftest import Clock, Handler

pytestmark = pytest.mark.unit

MakeGateway = Callable[[Handler], Gateway]
SETTLE = 60.0


def build(name: str) -> httpx.Response:
    return httpx.Response(200, json={}, headers={"x-gateway-deployment": name})


def in_turn(*answers: httpx.Response | Exception) -> Handler:
    """Gives `answers` one after the other, and the last one for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def test_the_right_build_is_seen_at_once(gateway: MakeGateway, clock: Clock) -> None:
    asked = gateway(in_turn(build("new")))
    assert right_build(asked, "new", SETTLE, clock.sleep) == "deployment new answers"
    assert (clock.now, len(asked.journal)) == (100.0, IN_A_ROW)


def test_what_passes_in_a_switch_is_waited_out(gateway: MakeGateway, clock: Clock) -> None:
    passing: list[httpx.Response | Exception] = [
        httpx.ConnectError("no such name"),
        httpx.Response(404, text="Application not found"),
        httpx.Response(502),
        httpx.ReadTimeout("silence"),
        httpx.Response(200, text="<html>"),
        build("old"),
    ]
    assert right_build(gateway(in_turn(*passing, build("new"))), "new", SETTLE, clock.sleep) == "deployment new answers"
    assert SHORTEST_WAIT * len(passing) < clock.now - 100.0 < LONGEST_WAIT * len(passing)


def test_one_right_answer_between_old_ones_is_not_enough(gateway: MakeGateway, clock: Clock) -> None:
    answers = [build("new"), build("old"), build("new"), build("new"), build("old"), build("new")]
    asked = gateway(in_turn(*answers))
    right_build(asked, "new", SETTLE, clock.sleep)
    assert len(asked.journal) == 5 + IN_A_ROW


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (build("old"), CheckFailedError, "old build answers: deployment old, wanted new"),
        (
            httpx.Response(200, text="<html>"),
            CheckFailedError,
            r"what answers \(200\) has no x-gateway-deployment header",
        ),
        (httpx.Response(404), CheckFailedError, "404, not from a gateway"),
        (httpx.Response(502), CheckFailedError, "502, not from a gateway"),
        (httpx.ConnectError("refused"), UndecidedError, "is not reached: refused"),
    ],
)
def test_when_the_wait_is_over_the_last_sight_is_the_verdict(
    gateway: MakeGateway, clock: Clock, answer: httpx.Response | Exception, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        right_build(gateway(in_turn(answer)), "new", SETTLE, clock.sleep)
    assert SETTLE - LONGEST_WAIT <= clock.now - 100.0 <= SETTLE


def test_time_spent_in_requests_counts(gateway: MakeGateway, clock: Clock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        clock.sleep(25)
        return build("old")

    asked = gateway(handler)
    with pytest.raises(CheckFailedError, match="old build"):
        right_build(asked, "new", SETTLE, clock.sleep)
    assert len(asked.journal) == 3


def test_the_time_for_everything_ends_the_wait(gateway: MakeGateway, clock: Clock) -> None:
    with pytest.raises(UndecidedError, match="time limit of 100 s"):
        right_build(gateway(in_turn(build("old"))), "new", 1000.0, clock.sleep)


def test_without_a_wanted_build_the_one_that_answers_is_reported(gateway: MakeGateway, clock: Clock) -> None:
    asked = gateway(in_turn(httpx.Response(502), build("d-7")))
    assert right_build(asked, None, SETTLE, clock.sleep) == "deployment d-7 answers; none was asked for"


def test_without_a_wanted_build_an_answer_without_a_name_is_one(gateway: MakeGateway, clock: Clock) -> None:
    assert (
        right_build(gateway(in_turn(httpx.Response(200))), None, SETTLE, clock.sleep)
        == "answers, and names no deployment"
    )


def test_a_gateway_that_is_not_ready_is_not_the_edge(gateway: MakeGateway, clock: Clock) -> None:
    starting = httpx.Response(503, headers={"x-gateway-deployment": "d-7"})
    right_build(gateway(in_turn(starting)), None, SETTLE, clock.sleep)
    assert clock.now == 100.0


def test_without_a_wanted_build_trouble_is_not_waited_out(gateway: MakeGateway, clock: Clock) -> None:
    with pytest.raises(UndecidedError, match="no such name"):
        right_build(gateway(in_turn(httpx.ConnectError("no such name"))), None, SETTLE, clock.sleep)
    assert clock.now == 100.0
