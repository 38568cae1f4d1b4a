"""Follows each call from its reservation to its true cost, so that nothing is spent that was not reserved before."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from litellm_gateway.budget import money, refusals
from litellm_gateway.budget.call import Call, Settlement
from litellm_gateway.budget.ledger import RENEWED, TOTAL, Balance, LedgerError, OverLimitError

if TYPE_CHECKING:
    from decimal import Decimal

    from litellm_gateway.budget.estimate import Size
    from litellm_gateway.budget.ledger import Ledger
    from litellm_gateway.budget.route import Route
    from litellm_gateway.errors import RequestError

log: Final = logging.getLogger("gateway.budget")

ANSWERED: Final = 10.0
"""Seconds within which LiteLLM tells the cost of a call that was answered."""

UNANSWERED: Final = 150.0
"""Seconds within which it tells the cost of a call whose client has left: LiteLLM goes on with it to its end."""

REMEMBERED: Final = 10_000
"""Calls that have ended and whose cost may still be told, late or once more."""

_FIRST_ERROR: Final = 400


class ProviderSpentError(Exception):
    """A provider's budget is used up, so a model of it is not asked; LiteLLM goes on to the fallback."""


class Meter:
    """One for each worker. `limits` maps accounts to picodollars a day; `TOTAL` has one."""

    def __init__(
        self, ledger: Ledger, routes: Mapping[str, Route], limits: Mapping[str, int], now: Callable[[], dt.datetime]
    ) -> None:
        self.limits = limits
        self._ledger = ledger
        self._routes = routes
        self._now = now
        self._calls: dict[str, Call] = {}
        self._ended: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._unsettled: dict[str, Mapping[str, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.Task[None] | None = None

    def open(self, call_id: str, model: str, size: Size, client: str | None = None) -> None:
        """Reserve the most that a call can cost, whoever answers it. Raises a 429, or a 503 without a ledger.

        `client` is the account of whoever asks.
        """
        amount = max(self._bound(name, size) for name in (model, *self._routes[model].fallbacks))
        call = Call(model, size, client)
        try:
            self._reserve(call_id, call, dict.fromkeys(call.accounts, amount))
        except OverLimitError as error:
            raise refusals.over_limit(error, self._now(), client) from error
        except LedgerError as error:
            raise refusals.unavailable(error) from error
        self._calls[call_id] = call

    def attempt(self, call_id: str, model: str) -> None:
        """Before a provider is asked. Raises `ProviderSpentError` where its own budget does not allow it, or the day's
        does not any more, since another provider may bill an answer that never came.
        """
        call = self._calls.get(call_id)
        if call is None:
            return
        try:
            self._allow(call_id, call, model)
        except OverLimitError as error:
            call.refused = error
            raise ProviderSpentError(error.balance.account) from error
        except LedgerError as error:
            log.error("Budget: %s", error)  # noqa: TRY400 - the message says all
            raise ProviderSpentError(self.account(model)) from error
        call.asked, call.tried = model, True

    def failed(self, call_id: str, *, billed: bool) -> str | None:
        """The provider that is being asked does not answer; what it may have `billed` counts as the most it can be.

        Returns the model that was asked; None where there was none, or this was told before.
        """
        call = self._calls.get(call_id)
        if call is None or call.asked is None:
            return None
        model, call.asked = call.asked, None
        account = self.account(model)
        if billed:
            amount = self._bound(model, call.size)
            call.unanswered[model] += amount
            text = "Budget: %s may bill what it did not answer; it counts as the most it can be, $%.6f"
            log.warning(text, model, money.usd(amount), extra={"fields": {"request_id": call_id}})
        elif account in call.held and not self._unanswered(call)[account]:
            self._release(call_id, [account])
            del call.held[account]
        return model

    def settle(self, call_id: str, model: str, cost: Decimal | None) -> Balance | None:
        """The true cost in US dollars of an answered call; where it is not known, the most it can be.

        It counts once, however often it is told. Returns the day's balance, None where it was told before or the ledger
        cannot be written now: then nothing more is spent until it can.
        """
        call = self._calls.get(call_id)
        accounts = call.accounts if call else self._ended.get(call_id, (TOTAL,))
        if not accounts or (call and call.settlement):
            return None
        if call is None:
            self._remember(call_id, ())
        amount = self._amount(call, model, cost)
        costs = self._unanswered(call) if call else Counter()
        costs.update(dict.fromkeys((*accounts, self.account(model)), amount))
        return self._count(call_id, call, amount, costs)

    def finish(self, call_id: str, status: int, settled: Callable[[Settlement | None], None]) -> None:
        """After the answer: a success is settled soon, a failure at once. `status` is 0 where none was sent.

        `settled` is called as soon as the cost is known; None means that there was none.
        """
        call = self._calls[call_id]
        if status >= _FIRST_ERROR and not call.settlement:
            self.failed(call_id, billed=True)
        if not call.settlement and (status >= _FIRST_ERROR or (status and call.in_vain)):
            self._end_unanswered(call_id, call)
            self._forget(call_id)
            settled(call.settlement)
            return
        seconds = ANSWERED if status else UNANSWERED
        task = asyncio.create_task(self._await_cost(call_id, call, seconds, settled))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def refusal(self, call_id: str) -> RequestError | None:
        """What to tell a client where no provider had money left for its call."""
        call = self._calls.get(call_id)
        return refusals.over_limit(call.refused, self._now(), call.client) if call and call.refused else None

    def account(self, model: str) -> str:
        """The account of the provider that a model pays."""
        return f"provider:{self.provider(model)}"

    def provider(self, model: str) -> str:
        """Whom a model pays."""
        return self._routes[model].provider if model in self._routes else "unknown"

    def balances(self) -> tuple[dt.date, list[Balance]]:
        """The present day with every account. Raises a 503 without a ledger."""
        try:
            return self._ledger.balances()
        except LedgerError as error:
            raise refusals.unavailable(error) from error

    def start(self) -> None:
        """Keep the reservations of this worker alive, for as long as it lives."""
        self._renewing = asyncio.create_task(self._renew())

    async def drain(self, seconds: float) -> None:
        """Wait for the costs of what was answered; what is not known by then counts as the most it can be."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for call_id, call in list(self._calls.items()):
            self._give_up(call_id, call)
        if self._tasks:
            await asyncio.wait(self._tasks)  # all is settled, so they end at once
        self._ledger.close()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            try:
                self._flush()
                self._ledger.renew({name: call.held for name, call in self._calls.items() if not call.settlement})
            except LedgerError as error:
                log.error("Budget: reservations cannot be renewed: %s", error)  # noqa: TRY400

    async def _await_cost(
        self, call_id: str, call: Call, seconds: float, settled: Callable[[Settlement | None], None]
    ) -> None:
        try:
            async with asyncio.timeout(seconds):
                await call.settled.wait()
        except TimeoutError:
            self._give_up(call_id, call)
        self._forget(call_id)
        settled(call.settlement)

    def _give_up(self, call_id: str, call: Call) -> None:
        if call.settled.is_set():
            return
        if call.in_vain:
            self._end_unanswered(call_id, call)
            return
        log.error("Budget: the cost of a call is not known; it counts as the most it can be")
        self.settle(call_id, call.asked or call.model, None)

    def _end_unanswered(self, call_id: str, call: Call) -> None:
        """Nobody answered: what may be billed counts, and the rest is given back."""
        if call.unanswered:
            self._count(call_id, call, 0, self._unanswered(call))
        else:
            self._release(call_id)
        call.settled.set()

    def _forget(self, call_id: str) -> None:
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._remember(call_id, () if call.settlement else call.accounts)

    def _remember(self, call_id: str, accounts: tuple[str, ...]) -> None:
        """What a cost that is told later counts towards."""
        self._ended[call_id] = accounts
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def _allow(self, call_id: str, call: Call, model: str) -> None:
        """Reserve what a model can cost beside what may be billed already. Raises `OverLimitError` or `LedgerError`."""
        account = self.account(model)
        if not call.unanswered and account not in self.limits:
            return  # the dearest of the chain is reserved
        bound, spent = self._bound(model, call.size), self._unanswered(call)
        accounts = [name for name in (*call.accounts, account) if name in call.held or name in self.limits]
        wanted = {name: spent[name] + bound for name in accounts}
        self._reserve(call_id, call, {name: need for name, need in wanted.items() if need > call.held.get(name, 0)})

    def _reserve(self, call_id: str, call: Call, amounts: Mapping[str, int]) -> None:
        if amounts:
            self._flush()
            self._ledger.reserve(call_id, amounts, self.limits)
            call.held.update(amounts)

    def _count(self, call_id: str, call: Call | None, amount: int, costs: Mapping[str, int]) -> Balance | None:
        self._unsettled[call_id] = costs
        balance = None
        try:
            balance = self._flush()
        except LedgerError as error:
            log.error("Budget: a cost cannot be written, so nothing more is spent: %s", error)  # noqa: TRY400
        if call is not None:
            call.settlement = Settlement(amount, balance, call.unanswered)
            call.settled.set()
        return balance

    def _unanswered(self, call: Call) -> Counter[str]:
        """By account, what providers may bill although they did not answer."""
        found: Counter[str] = Counter()
        for model, amount in call.unanswered.items():
            found.update(dict.fromkeys((*call.accounts, self.account(model)), amount))
        return found

    def _release(self, call_id: str, accounts: Collection[str] | None = None) -> None:
        """One that fails is no danger: the reservation is dropped once nobody renews it."""
        try:
            self._ledger.release(call_id, accounts)
        except LedgerError as error:
            log.warning("Budget: a reservation stays for a while (call %s): %s", call_id, error)

    def _flush(self) -> Balance | None:
        """Write the costs that could not be written before. Raises `LedgerError`."""
        balance = None
        for call_id, costs in list(self._unsettled.items()):
            balance = self._ledger.settle(call_id, costs)
            del self._unsettled[call_id]
        return balance

    def _amount(self, call: Call | None, model: str, cost: Decimal | None) -> int:
        if cost is not None:
            return money.picodollars(min(cost, money.LARGEST))  # which ends every budget, and still can be counted
        return self._bound(model, call.size) if call else 0

    def _bound(self, model: str, size: Size) -> int:
        return self._routes[model].price.bound(size)
