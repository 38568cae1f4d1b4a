"""What a client may spend, and each way in which a gateway may not hold it to that."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.acceptance import spending
from gateway.acceptance.client import Answer
from gateway.acceptance.spending import CHEAP, DEAR, Allowance
from gateway.acceptance.verdict import CheckFailedError, UndecidedError
from tests.unit.acceptance.answers import ERROR, answer, chat

pytestmark = pytest.mark.unit

CENT = Decimal("0.01")
FRESH, SPENT = Allowance(CENT, CENT), Allowance(CENT, Decimal("0.0009"))
HELLO = answer(chat())


def refusal(code: str = "budget_exceeded", **headers: str) -> Answer:
    error = {"message": "Too dear.", "type": code, "param": None, "code": code}
    return answer({"error": error}, 429, **headers)


REFUSED = refusal(retry_after="3600")


def account(limit: Any, left: Any) -> Answer:
    return answer({"accounts": [{"account": "key:tiny", "limit_usd": limit, "left_usd": left}]})


def test_an_account_says_what_may_be_spent_and_what_is_left() -> None:
    assert spending.allowance(account("0.01", "0.0009")) == SPENT


@pytest.mark.parametrize("limit", [str(CHEAP), "0.0199"])
def test_about_a_cent_can_be_tried(limit: str) -> None:
    assert spending.allowance(account(limit, limit)).limit == Decimal(limit)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (None, "has no budget of its own"),
        ("0.001", r"may spend \$0\.001 a day"),
        (str(DEAR), r"may spend \$0\.02 a day"),
        ("50.00", r"may spend \$50 a day"),
    ],
)
def test_a_budget_that_proves_nothing_is_not_tried(limit: str | None, said: str) -> None:
    with pytest.raises(UndecidedError, match=f"the client of GATEWAY_BUDGET_KEY {said}; give it about a cent a day"):
        spending.allowance(account(limit, limit))


@pytest.mark.parametrize("odd", [None, "much", {}, [], "", "NaN", "-Infinity"])
def test_an_account_that_makes_no_sense_fails(odd: Any) -> None:
    with pytest.raises(CheckFailedError):
        spending.allowance(account("0.01", odd))
    with pytest.raises((CheckFailedError, UndecidedError)):
        spending.allowance(account(odd, "0.01"))


def test_a_key_that_is_not_known_fails() -> None:
    with pytest.raises(CheckFailedError, match=r"401.*Bad key"):
        spending.allowance(answer(ERROR, 401))


def test_the_cheap_call_is_answered_and_the_dear_one_refused() -> None:
    for had in (FRESH, SPENT):
        assert spending.held(had, HELLO, REFUSED) == "answered, then refused"


def test_where_earlier_calls_left_too_little_that_is_what_is_told() -> None:
    told = "refused both times: earlier calls of today left $0.0009 of $0.01, too little to try an answer again"
    assert spending.held(SPENT, REFUSED, REFUSED) == told


@pytest.mark.parametrize(
    ("had", "cheap", "dear", "said"),
    [
        (FRESH, HELLO, HELLO, "was served"),
        (SPENT, REFUSED, HELLO, "was served"),
        (FRESH, REFUSED, REFUSED, r"refused though its client had \$0\.0100 of \$0\.01 left: Too dear"),
        (Allowance(CENT, CHEAP), REFUSED, REFUSED, "refused though"),
        (FRESH, answer(ERROR, 401), REFUSED, "401"),
        (FRESH, HELLO, answer(ERROR, 400), "400"),
        (FRESH, HELLO, refusal(), "429 without Retry-After"),
    ],
)
def test_any_other_pair_of_answers_fails(had: Allowance, cheap: Answer, dear: Answer, said: str) -> None:
    with pytest.raises(CheckFailedError, match=said):
        spending.held(had, cheap, dear)


@pytest.mark.parametrize("pair", [(HELLO, refusal("rate_limit_exceeded")), (refusal("rate_limit_exceeded"), REFUSED)])
def test_a_rate_limit_is_no_budget(pair: tuple[Answer, Answer]) -> None:
    with pytest.raises(UndecidedError):
        spending.held(FRESH, *pair)
