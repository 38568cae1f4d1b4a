"""The check of the budget: only with a client's key that may spend next to nothing, over real sockets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.acceptance.conftest import Run
from tests.contract.acceptance.played_gateway import TINY_KEY, PlayedGateway, always, completion, over_budget

pytestmark = pytest.mark.contract

Judge = Callable[..., Run]
FAST = "model gemini-flash"


@pytest.fixture
def with_key(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> Judge:
    monkeypatch.setenv("GATEWAY_BUDGET_KEY", TINY_KEY)
    return judge


def test_a_budget_that_holds_passes(url: str, with_key: Judge) -> None:
    run = with_key(url)
    assert (run.status, run.check("budget")["detail"]) == (0, "answered, then refused")
    assert len(run.evidence["checks"]) == 14


def test_a_budget_that_is_used_up_already_holds_too_and_says_what_was_not_tried(
    url: str, with_key: Judge, played: PlayedGateway
) -> None:
    played.spent_up = True
    run = with_key(url)
    detail = "refused both times: earlier calls of today left $0.0009 of $0.01, too little to try an answer again"
    assert (run.status, run.check("budget")["detail"]) == (0, detail)


def test_a_client_that_is_never_answered_has_no_budget_that_holds(
    url: str, with_key: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.contract.acceptance.played_gateway.DEAR", 0)
    run = with_key(url)
    assert (run.status, run.other_than("pass")) == (1, ["budget"])
    detail = "a cheap call was refused though its client had $0.0099 of $0.01 left: Today's budget is used up."
    assert run.check("budget")["detail"] == detail


def test_a_budget_that_stops_nothing_fails(url: str, with_key: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.contract.acceptance.played_gateway.DEAR", 100_000)
    run = with_key(url)
    assert (run.status, run.other_than("pass")) == (1, ["budget"])
    assert run.check("budget")["detail"] == "a call that could cost more than its client may spend was served"


def test_a_rate_limit_is_no_budget(
    url: str, with_key: Judge, played: PlayedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = lambda: over_budget("rate_limit_exceeded")  # noqa: E731 - what is played instead
    monkeypatch.setattr("tests.contract.acceptance.played_gateway.over_budget", limited)
    run = with_key(url)
    assert (run.status, run.check("budget")["verdict"]) == (2, "cannot tell")


def test_a_key_that_the_gateway_does_not_know_fails(url: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = "sk-00000000000000000000000000000000"
    monkeypatch.setenv("GATEWAY_BUDGET_KEY", stranger)
    run = judge(url)
    assert (run.status, run.other_than("pass")) == (1, ["budget"])
    assert stranger not in str(run.evidence)


def test_the_key_is_in_no_evidence(url: str, with_key: Judge, played: PlayedGateway) -> None:
    played.plays[FAST] = always(lambda: completion("gemini-flash", content=""))
    run = with_key(url)
    assert TINY_KEY not in str(run.evidence)
    assert TINY_KEY not in "\n".join(run.lines)
