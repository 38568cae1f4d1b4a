"""Pure judgements of a budget: what the gateway says that a client may spend, and whether it holds the client to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, Final

from gateway.acceptance.client import Answer
from gateway.acceptance.judge import completion, want_no_provider_trouble
from gateway.acceptance.shape import at, body_of, error_of, shown, want_status
from gateway.acceptance.verdict import CheckFailedError, UndecidedError

BUDGET_EXCEEDED: Final = "budget_exceeded"

DEAR_TOKENS: Final = 8192
"""So long an answer of a model could cost `DEAR`."""

DEAR: Final = Decimal("0.02")
CHEAP: Final = Decimal("0.005")
"""More US dollars than a short answer could cost."""


@dataclass(frozen=True)
class Allowance:
    """What a client may spend in a day, and what is left of it now, in US dollars."""

    limit: Decimal
    left: Decimal


def allowance(answer: Answer) -> Allowance:
    """A client's own account, as `GET /v1/budget` tells it.

    Raises UndecidedError where it may spend too much to be refused a dear call, or too little for a cheap one.
    """
    account = at(body_of(answer), "accounts", 0)
    limit = _usd(at(account, "limit_usd"))
    if limit is None or not CHEAP <= limit < DEAR:
        may = "has no budget of its own" if limit is None else f"may spend ${limit.normalize():f} a day"
        raise UndecidedError(f"the client of GATEWAY_BUDGET_KEY {may}; give it about a cent a day")
    left = _usd(at(account, "left_usd"))
    if left is None:
        raise CheckFailedError(f"an account with a limit says not what is left: {shown(account)}")
    return Allowance(limit, left)


def held(had: Allowance, cheap: Answer, dear: Answer) -> str:
    """The cheap call is answered, the dear one refused. The cheap one may be refused only where too little was left."""
    if dear.status == HTTPStatus.OK:
        raise CheckFailedError("a call that could cost more than its client may spend was served")
    if not _is_over_budget(dear):
        want_no_provider_trouble(dear)
        want_status(dear, HTTPStatus.TOO_MANY_REQUESTS)
    if "retry-after" not in dear.headers:
        raise CheckFailedError("429 without Retry-After: nobody can tell when the budget begins anew")
    if not _is_over_budget(cheap):
        completion(cheap)
        return "answered, then refused"
    left = f"${had.left:.4f} of ${had.limit.normalize():f}"
    if had.left >= CHEAP:
        raise CheckFailedError(f"a cheap call was refused though its client had {left} left: {_message(cheap)}")
    return f"refused both times: earlier calls of today left {left}, too little to try an answer again"


def _is_over_budget(answer: Answer) -> bool:
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS and at(error_of(answer), "code") == BUDGET_EXCEEDED


def _message(answer: Answer) -> str:
    return str(at(error_of(answer), "message"))


def _usd(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise CheckFailedError(f"{shown(value)} is no amount in US dollars")
    return amount
