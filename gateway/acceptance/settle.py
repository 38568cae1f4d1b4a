"""Waits for the right build: after a switch the edge may know no route, answer 502, or still reach the old build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import tenacity

from gateway.acceptance.client import DEPLOYMENT_HEADER, Answer, Gateway
from gateway.acceptance.verdict import CheckFailedError, UndecidedError

EDGE_STATUSES: Final = (404, 502, 503)
IN_A_ROW: Final = 3
"""While old and new build overlap, the edge may reach either; one right answer proves little."""

SHORTEST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 3.0


class _EdgeError(CheckFailedError):
    """The edge answers by itself."""


def right_build(gateway: Gateway, wanted: str | None, seconds: float, sleep: Callable[[float], None]) -> str:
    """Look until the deployment `wanted` answers, for at most about `seconds`; the wait grows from 0.2 s to 3 s.

    Without `wanted` only the edge's own answers are waited out, and the deployment that answers is reported.
    """
    begun = gateway.remaining()
    passing = _EdgeError if wanted is None else (CheckFailedError, UndecidedError)
    look_again = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(passing),
        wait=tenacity.wait_exponential(multiplier=SHORTEST_WAIT, exp_base=1.5, max=LONGEST_WAIT),
        stop=lambda state: begun - gateway.remaining() + state.upcoming_sleep > seconds,
        sleep=lambda pause: sleep(min(pause, gateway.remaining())),
        reraise=True,
    )
    return look_again(_look, gateway, wanted)


def _look(gateway: Gateway, wanted: str | None) -> str:
    if wanted is None:
        seen = _knock(gateway).deployment
        return f"deployment {seen} answers; none was asked for" if seen else "answers, and names no deployment"
    for _ in range(IN_A_ROW):
        answer = _knock(gateway)
        if answer.deployment != wanted:
            raise CheckFailedError(_stranger(answer, wanted))
    return f"deployment {wanted} answers"


def _knock(gateway: Gateway) -> Answer:
    answer = gateway.get("/health")
    if answer.deployment is None and answer.status in EDGE_STATUSES:
        raise _EdgeError(f"{answer.status}, not from a gateway: the edge reaches no deployment at this address")
    return answer


def _stranger(answer: Answer, wanted: str) -> str:
    if answer.deployment is None:
        return f"what answers ({answer.status}) has no {DEPLOYMENT_HEADER} header; wanted deployment {wanted}"
    return f"old build answers: deployment {answer.deployment}, wanted {wanted}"
