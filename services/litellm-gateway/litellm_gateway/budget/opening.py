"""Which ledger a gateway uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_gateway.budget.ledger import LedgerError
from litellm_gateway.budget.redis import RedisLedger
from litellm_gateway.budget.sqlite import LEDGER, SqliteLedger

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_gateway.budget.ledger import Ledger


def open_ledger(data: Path, redis_url: str) -> Ledger:
    """The ledger in the Redis at `redis_url`; where that is empty, in the directory `data`. Raises `LedgerError`."""
    if redis_url:
        return RedisLedger(redis_url)
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"{data} cannot hold the ledger of the budget: {error.strerror}") from error
    return SqliteLedger(data / LEDGER)
