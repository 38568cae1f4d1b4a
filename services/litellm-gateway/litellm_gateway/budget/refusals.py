"""How a client is told that there is no money for its call, or that nobody can count it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Final

from litellm_gateway.budget import money
from litellm_gateway.budget.ledger import TOTAL, midnight_after
from litellm_gateway.clients import MASTER
from litellm_gateway.errors import RequestError

if TYPE_CHECKING:
    from litellm_gateway.budget.ledger import LedgerError, OverLimitError

log: Final = logging.getLogger("gateway.budget")

_MASTER: Final = f"key:{MASTER}"
_RETRY_SECONDS: Final = 5


def over_limit(error: OverLimitError, now: dt.datetime, client: str | None = None) -> RequestError:
    """A 429 that says what is left, what the call could cost, and when the budget begins anew.

    `client` is the account of whoever asks: what others left of a budget that all share is not for it to know.
    """
    account = error.balance.account
    whose = "" if account == TOTAL else f" of {account.partition(':')[2]}"
    spent, limit = money.usd(error.balance.spent), money.usd(error.limit)
    log.warning("Budget exceeded: $%.2f of $%.2f today%s, request refused", spent, limit, whose)
    may_know = client in {None, _MASTER, account}
    budget = f"budget of ${money.text(error.limit)}{whose} has ${money.usd(error.left):.4f} left, and this request"
    shared = f"budget{whose}, which all clients share, has not enough left for this request, which"
    message = (
        f"Today's {budget if may_know else shared} can cost up to ${money.usd(error.wanted):.4f}. It begins anew at "
        "midnight UTC; until then a smaller max_tokens or a shorter prompt may fit."
    )
    headers = {"retry-after": str(until_midnight(now))}
    return RequestError(429, "budget_exceeded", message, kind="budget_exceeded", headers=headers)


def unavailable(error: LedgerError) -> RequestError:
    """A 503: spending that nobody counts does not happen."""
    log.error("Budget: request refused: %s", error)
    message = "The ledger of the budget cannot be used, so nothing may be spent now. The gateway's log says why."
    headers = {"retry-after": str(_RETRY_SECONDS)}
    return RequestError(503, "budget_unavailable", message, kind="api_error", headers=headers)


def until_midnight(now: dt.datetime) -> int:
    """Seconds until the next day in UTC begins, at least one."""
    return max(1, round((midnight_after(now.date()) - now).total_seconds()))
