"""Each call from its reservation to its true cost."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from litellm_gateway.budget import meter as meters
from litellm_gateway.budget.call import Settlement
from litellm_gateway.budget.estimate import Price, Size
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.budget.meter import Meter, ProviderSpentError
from litellm_gateway.budget.refusals import until_midnight
from litellm_gateway.budget.route import Route, chain
from litellm_gateway.budget.sqlite import SqliteLedger
from litellm_gateway.errors import RequestError

pytestmark = pytest.mark.unit

SIZE = Size(1000, 100)
CLAUDE_BOUND, GPT_BOUND = 4_500_000_000, 3_500_000_000  # picodollars
MakeMeter = Callable[..., Meter]


def total(ledger: SqliteLedger) -> Balance:
    return next((each for each in ledger.balances()[1] if each.account == TOTAL), Balance(TOTAL))


def test_the_dearest_of_a_chain_is_reserved(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    make_meter().open("a", "claude-sonnet", SIZE)
    assert total(ledger).reserved == CLAUDE_BOUND


def test_a_fallback_may_be_the_dearest(ledger: SqliteLedger) -> None:
    prices = {name: Price({"input_cost_per_token": usd}) for name, usd in {"a": 1e-06, "b": 3e-06, "c": 2e-06}.items()}
    routes = {name: Route(price, "google", ("b", "c") if name == "a" else ()) for name, price in prices.items()}
    meter = Meter(ledger, routes, {TOTAL: 10**13}, lambda: dt.datetime.now(dt.UTC))
    meter.open("call", "a", SIZE)
    assert total(ledger).reserved == 3_000_000_000


def test_a_settled_call_costs_what_it_did(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    settled: list[Settlement | None] = []

    async def call() -> None:
        meter = make_meter()
        meter.open("a", "claude-sonnet", SIZE)
        meter.attempt("a", "claude-sonnet")
        meter.failed("a", billed=False)
        meter.attempt("a", "gpt-4o")
        meter.settle("a", "gpt-4o", Decimal("0.001"))
        meter.finish("a", 200, settled.append)
        await asyncio.sleep(0)

    asyncio.run(call())
    assert settled == [Settlement(1_000_000_000, Balance(TOTAL, 1_000_000_000, 0, 1))]
    assert ledger.balances()[1] == [
        Balance("provider:openai", 1_000_000_000, 0, 1),
        Balance(TOTAL, 1_000_000_000, 0, 1),
    ]


def test_more_than_the_budget_holds_is_refused(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    meter = make_meter("0.01")
    for call in ("a", "b"):
        meter.open(call, "claude-sonnet", SIZE)
    with pytest.raises(RequestError, match=r"\$0\.01 has \$0\.0010 left.*up to \$0\.0045") as caught:
        meter.open("c", "claude-sonnet", SIZE)
    assert caught.value.status == 429
    assert total(ledger).reserved == 2 * CLAUDE_BOUND


def test_a_provider_without_money_is_passed_over(make_meter: MakeMeter) -> None:
    meter = make_meter("10", anthropic="0.001")
    meter.open("a", "claude-sonnet", SIZE)
    with pytest.raises(ProviderSpentError):
        meter.attempt("a", "claude-sonnet")
    meter.attempt("a", "gpt-4o")


def test_a_refused_attempt_gives_its_providers_part_back(make_meter: MakeMeter) -> None:
    meter = make_meter("10", openai="0.004")
    for call in ("a", "b"):
        meter.open(call, "gpt-4o", SIZE)
        meter.attempt(call, "gpt-4o")
        meter.failed(call, billed=False)


def test_what_was_given_back_is_not_reserved_again_with_the_next_renewal(
    make_meter: MakeMeter, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "RENEWED", 0.01)

    async def call() -> None:
        meter = make_meter("10", openai="0.004")
        meter.start()
        meter.open("a", "gpt-4o", SIZE)
        meter.attempt("a", "gpt-4o")
        meter.failed("a", billed=False)
        await asyncio.sleep(0.05)
        assert ledger.balances()[1] == [Balance(TOTAL, 0, GPT_BOUND)]
        await meter.drain(0)

    asyncio.run(call())


def test_there_is_a_second_left_of_a_day_to_the_last_moment() -> None:
    assert until_midnight(dt.datetime(2026, 11, 24, 23, 59, 59, 999_999, dt.UTC)) == 1
    assert until_midnight(dt.datetime(2026, 11, 24, tzinfo=dt.UTC)) == 86_400


def test_an_attempt_that_may_be_billed_counts_beside_the_answer(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    settled: list[Settlement | None] = []

    async def call() -> None:
        meter = make_meter()
        meter.open("a", "claude-sonnet", SIZE)
        meter.attempt("a", "claude-sonnet")
        assert meter.failed("a", billed=True) == "claude-sonnet"
        assert meter.failed("a", billed=True) is None, "told before"
        meter.attempt("a", "gpt-4o")
        assert total(ledger).reserved == CLAUDE_BOUND + GPT_BOUND
        meter.settle("a", "gpt-4o", Decimal("0.001"))
        meter.finish("a", 200, settled.append)
        await asyncio.sleep(0)

    asyncio.run(call())
    both = CLAUDE_BOUND + 1_000_000_000
    assert settled == [Settlement(1_000_000_000, Balance(TOTAL, both, 0, 1), {"claude-sonnet": CLAUDE_BOUND})]
    assert ledger.balances()[1] == [
        Balance("provider:anthropic", CLAUDE_BOUND, 0, 1),
        Balance("provider:openai", 1_000_000_000, 0, 1),
        Balance(TOTAL, both, 0, 1),
    ]


def test_what_may_be_billed_can_leave_nothing_for_the_fallback(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    meter = make_meter("0.007")
    meter.open("a", "claude-sonnet", SIZE)
    meter.attempt("a", "claude-sonnet")
    meter.failed("a", billed=True)
    with pytest.raises(ProviderSpentError, match="total"):
        meter.attempt("a", "gpt-4o")
    refusal = meter.refusal("a")
    assert refusal is not None
    assert (refusal.status, refusal.code) == (429, "budget_exceeded")
    settled: list[Settlement | None] = []
    meter.finish("a", 429, settled.append)
    assert settled == [Settlement(0, Balance(TOTAL, CLAUDE_BOUND, 0, 1), {"claude-sonnet": CLAUDE_BOUND})]
    assert total(ledger) == Balance(TOTAL, CLAUDE_BOUND, 0, 1)


@pytest.mark.parametrize("told", [True, False])
def test_a_failure_that_may_be_billed_counts_as_the_most_it_can_be_also_where_nobody_told_it(
    make_meter: MakeMeter, ledger: SqliteLedger, told: bool
) -> None:
    meter = make_meter()
    meter.open("a", "gpt-4o", SIZE)
    meter.attempt("a", "gpt-4o")
    if told:
        meter.failed("a", billed=True)
    meter.finish("a", 502, lambda _: None)
    assert total(ledger) == Balance(TOTAL, GPT_BOUND, 0, 1)


def test_a_stream_that_broke_off_waits_for_no_cost(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    meter = make_meter("10", openai="0.004")
    meter.open("a", "gpt-4o", SIZE)
    meter.attempt("a", "gpt-4o")
    meter.failed("a", billed=True)
    meter.finish("a", 200, lambda _: None)
    assert ledger.balances()[1] == [Balance("provider:openai", GPT_BOUND, 0, 1), Balance(TOTAL, GPT_BOUND, 0, 1)]


def left(meter: Meter, settled: Callable[[Settlement | None], None], *, billed: bool) -> None:
    """A call whose client did not wait, and whose model failed afterwards."""
    meter.open("a", "gpt-4o", SIZE)
    meter.attempt("a", "gpt-4o")
    meter.finish("a", 0, settled)
    meter.failed("a", billed=billed)


@pytest.mark.parametrize("billed", [True, False])
def test_whom_the_client_did_not_wait_for_costs_nothing_where_it_refused(
    make_meter: MakeMeter, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch, billed: bool
) -> None:
    monkeypatch.setattr(meters, "UNANSWERED", 0.01)
    settled: list[Settlement | None] = []

    async def call() -> None:
        left(make_meter(), settled.append, billed=billed)
        await asyncio.sleep(0.05)

    asyncio.run(call())
    counted = Balance(TOTAL, GPT_BOUND, 0, 1)
    assert settled == [Settlement(0, counted, {"gpt-4o": GPT_BOUND}) if billed else None]
    assert total(ledger) == (counted if billed else Balance(TOTAL))


def test_the_end_gives_back_what_was_refused(make_meter: MakeMeter, tmp_path: Path) -> None:
    settled: list[Settlement | None] = []

    async def call() -> None:
        meter = make_meter()
        left(meter, settled.append, billed=False)
        await asyncio.wait_for(meter.drain(0.01), 5)

    asyncio.run(call())
    assert settled == [None]
    assert total(SqliteLedger(tmp_path / "ledger.sqlite3")) == Balance(TOTAL)


def test_a_failure_before_anybody_was_asked_costs_nothing(make_meter: MakeMeter, ledger: SqliteLedger) -> None:
    meter = make_meter()
    meter.open("a", "gpt-4o", SIZE)
    meter.finish("a", 400, lambda _: None)
    assert total(ledger) == Balance(TOTAL)


def test_reservations_that_were_lost_are_made_again_while_their_calls_run(
    make_meter: MakeMeter, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "RENEWED", 0.01)

    async def call() -> None:
        meter = make_meter()
        meter.start()
        for name in ("a", "b"):
            meter.open(name, "gpt-4o", SIZE)
        meter.settle("b", "gpt-4o", Decimal("0.001"))
        ledger.release("a")
        await asyncio.sleep(0.05)
        assert total(ledger) == Balance(TOTAL, 1_000_000_000, GPT_BOUND, 1)
        await meter.drain(0)

    asyncio.run(call())


def test_a_cost_that_never_comes_counts_as_the_most_it_can_be(
    make_meter: MakeMeter, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "ANSWERED", 0.01)
    settled: list[Settlement | None] = []

    async def call() -> None:
        meter = make_meter()
        meter.open("a", "gpt-4o", SIZE)
        meter.finish("a", 200, settled.append)
        await asyncio.sleep(0.05)

    asyncio.run(call())
    assert settled == [Settlement(GPT_BOUND, Balance(TOTAL, GPT_BOUND, 0, 1))]
    assert total(ledger) == Balance(TOTAL, GPT_BOUND, 0, 1)


def test_the_end_settles_what_is_open(make_meter: MakeMeter, tmp_path: Path) -> None:
    settled: list[Settlement | None] = []

    async def call() -> None:
        meter = make_meter()
        meter.start()
        meter.open("a", "gpt-4o", SIZE)
        meter.finish("a", 0, settled.append)
        await meter.drain(0.01)
        assert settled == [Settlement(GPT_BOUND, Balance(TOTAL, GPT_BOUND, 0, 1))]

    asyncio.run(call())
    assert total(SqliteLedger(tmp_path / "ledger.sqlite3")) == Balance(TOTAL, GPT_BOUND, 0, 1)


def test_a_cost_that_cannot_be_written_stops_all_spending_until_it_is(
    make_meter: MakeMeter, ledger: SqliteLedger
) -> None:
    meter = make_meter()
    meter.open("a", "gpt-4o", SIZE)
    ledger._run("PRAGMA query_only = 1")
    assert meter.settle("a", "gpt-4o", Decimal("0.001")) is None
    with pytest.raises(RequestError) as caught:
        meter.open("b", "gpt-4o", SIZE)
    assert (caught.value.status, caught.value.body["error"]["code"]) == (503, "budget_unavailable")
    ledger._run("PRAGMA query_only = 0")
    meter.open("b", "gpt-4o", SIZE)
    assert total(ledger) == Balance(TOTAL, 1_000_000_000, GPT_BOUND, 1)


def test_a_cost_that_could_not_be_written_is_written_with_the_next_renewal(
    make_meter: MakeMeter, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "RENEWED", 0.01)

    async def call() -> None:
        meter = make_meter()
        meter.open("a", "gpt-4o", SIZE)
        ledger._run("PRAGMA query_only = 1")
        meter.settle("a", "gpt-4o", Decimal("0.001"))
        ledger._run("PRAGMA query_only = 0")
        meter.start()
        await asyncio.sleep(0.05)
        assert total(ledger) == Balance(TOTAL, 1_000_000_000, 0, 1)
        await meter.drain(0)

    asyncio.run(call())


def test_only_so_many_calls_that_have_ended_are_remembered(
    make_meter: MakeMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "REMEMBERED", 2)
    meter = make_meter()
    for name in ("a", "b", "c"):
        meter.open(name, "gpt-4o", SIZE)
        meter.settle(name, "gpt-4o", Decimal("0.001"))
        meter._forget(name)
    assert list(meter._ended) == ["b", "c"]


def test_a_chain_holds_every_model_that_may_answer() -> None:
    fallbacks = {"a": ["b", "c"], "b": ["d", "a"], "d": ["b"]}
    assert chain("a", fallbacks) == ("b", "c", "d")
    assert chain("c", fallbacks) == ()
