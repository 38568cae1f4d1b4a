"""What every ledger does: limits that hold, reservations that end, days that never go back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from litellm_gateway.budget.ledger import LASTS, RENEWED, TOTAL, UNSEEN, Balance, Ledger, OverLimitError

from .conftest import Clock, Open

pytestmark = pytest.mark.contract

LIMITS = {TOTAL: 100, "provider:openai": 60}


def balances(ledger: Ledger) -> dict[str, Balance]:
    return {balance.account: balance for balance in ledger.balances()[1]}


def test_reserve_settle_and_what_is_left(ledger: Ledger) -> None:
    ledger.reserve("a", {TOTAL: 70}, LIMITS)
    with pytest.raises(OverLimitError) as caught:
        ledger.reserve("b", {TOTAL: 31}, LIMITS)
    assert (caught.value.left, caught.value.wanted, caught.value.limit) == (30, 31, 100)
    ledger.reserve("b", {TOTAL: 30}, LIMITS)
    assert ledger.settle("a", {TOTAL: 20, "provider:openai": 20}) == Balance(TOTAL, 20, 30, 1)
    ledger.release("b")
    assert balances(ledger) == {
        TOTAL: Balance(TOTAL, 20, 0, 1),
        "provider:openai": Balance("provider:openai", 20, 0, 1),
    }


def test_all_accounts_or_none(ledger: Ledger) -> None:
    with pytest.raises(OverLimitError, match="provider:openai"):
        ledger.reserve("a", {TOTAL: 70, "provider:openai": 70}, LIMITS)
    assert balances(ledger) == {}


def test_an_account_without_a_limit_is_only_counted(ledger: Ledger) -> None:
    ledger.reserve("a", {"provider:google": 10**15}, LIMITS)
    assert balances(ledger)["provider:google"].reserved == 10**15


def test_one_account_of_a_call_is_released_alone(ledger: Ledger) -> None:
    ledger.reserve("a", {TOTAL: 70}, LIMITS)
    ledger.reserve("a", {"provider:openai": 50}, LIMITS)
    ledger.release("a", ["provider:openai"])
    assert balances(ledger) == {TOTAL: Balance(TOTAL, 0, 70, 0)}


def test_a_second_reservation_for_an_account_takes_the_place_of_the_first(ledger: Ledger) -> None:
    for amount in (60, 70):
        ledger.reserve("a", {TOTAL: amount}, LIMITS)
    assert ledger.balances()[1] == [Balance(TOTAL, 0, 70, 0)]


def test_a_larger_reservation_that_does_not_fit_leaves_the_first(ledger: Ledger) -> None:
    ledger.reserve("a", {TOTAL: 60}, LIMITS)
    ledger.reserve("b", {TOTAL: 10}, LIMITS)
    with pytest.raises(OverLimitError) as caught:
        ledger.reserve("a", {TOTAL: 91}, LIMITS)
    assert caught.value.left == 90
    assert balances(ledger)[TOTAL].reserved == 70
    ledger.reserve("a", {TOTAL: 90}, LIMITS)
    assert balances(ledger)[TOTAL].reserved == 100


def test_what_is_not_renewed_ends(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve("dead", {TOTAL: 60}, LIMITS)
    alive = {"alive": {TOTAL: 40}}
    ledger.reserve("alive", alive["alive"], LIMITS)
    clock.pass_by(LASTS - 1, ledger, alive)
    assert balances(ledger)[TOTAL].reserved == 100
    clock.turn(seconds=2)
    ledger.reserve("new", {TOTAL: 60}, LIMITS)
    assert balances(ledger)[TOTAL].reserved == 100


@pytest.mark.parametrize("seconds", [UNSEEN - 1, LASTS, 3600, -3600])
def test_a_clock_that_is_set_ends_no_reservation_and_hardly_prolongs_one(
    ledger: Ledger, clock: Clock, seconds: float
) -> None:
    """Nor does a machine that sleeps, or a Redis that was away: nobody was there to renew."""
    ledger.reserve("a", {TOTAL: 60}, LIMITS)
    clock.turn(seconds=seconds)
    with pytest.raises(OverLimitError):
        ledger.reserve("b", {TOTAL: 60}, LIMITS)
    clock.pass_by(LASTS + RENEWED + 1, ledger)
    assert balances(ledger) == {}


def test_who_slept_while_others_renewed_gets_its_reservation_back(ledger: Ledger, clock: Clock) -> None:
    held = {"a": {TOTAL: 60, "provider:openai": 60}}
    ledger.reserve("a", held["a"], LIMITS)
    clock.pass_by(LASTS + 1, ledger)
    assert balances(ledger) == {}
    for _ in range(2):
        ledger.renew(held)
        assert {name: balance.reserved for name, balance in balances(ledger).items()} == held["a"]
    clock.pass_by(LASTS + 1, ledger)
    assert balances(ledger) == {}


def test_what_was_spent_is_kept_and_a_new_day_begins_anew(ledger: Ledger, open_ledger: Open, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 100}, LIMITS)
    ledger.settle("a", {TOTAL: 100})
    ledger.close()
    again = open_ledger()
    assert balances(again) == {TOTAL: Balance(TOTAL, 100, 0, 1)}
    clock.turn(days=1)
    again.reserve("b", {TOTAL: 100}, LIMITS)
    assert again.balances() == (clock.day, [Balance(TOTAL, 0, 100, 0)])


def test_a_call_over_midnight_counts_where_it_was_reserved(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 50}, LIMITS)
    clock.turn(days=1)
    assert ledger.settle("a", {TOTAL: 40}) == Balance(TOTAL, 40, 0, 1)
    assert balances(ledger) == {}


def test_a_clock_set_back_over_midnight_opens_no_old_budget(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 100}, LIMITS)
    ledger.settle("a", {TOTAL: 100})
    clock.turn(days=-1)
    with pytest.raises(OverLimitError):
        ledger.reserve("b", {TOTAL: 1}, LIMITS)


def test_a_reset_empties_the_named_accounts(ledger: Ledger) -> None:
    ledger.settle("a", {TOTAL: 30, "provider:openai": 30})
    ledger.reset(["provider:openai"])
    assert list(balances(ledger)) == [TOTAL]
    ledger.reset()
    assert balances(ledger) == {}


def test_a_hundred_at_once_never_pass_the_limit(open_ledger: Open) -> None:
    open_ledger().close()

    def spend(worker: int) -> int:
        ledger, granted = open_ledger(), 0
        for number in range(25):
            try:
                ledger.reserve(f"{worker}-{number}", {TOTAL: 10}, LIMITS)
            except OverLimitError:
                continue
            ledger.settle(f"{worker}-{number}", {TOTAL: 7})
            granted += 1
        ledger.close()
        return granted

    with ThreadPoolExecutor(4) as pool:
        granted = sum(pool.map(spend, range(4)))
    ledger = open_ledger()
    assert balances(ledger)[TOTAL] == Balance(TOTAL, 7 * granted, 0, granted)
    assert granted == 13, "13 times 7 is 91, and another 10 would pass 100"


def test_sums_are_exact_to_the_picodollar(ledger: Ledger) -> None:
    """Beyond 2^53 a double leaves odd numbers out."""
    ledger.settle("a", {TOTAL: 2**53})
    assert ledger.settle("b", {TOTAL: 1}).spent == 2**53 + 1
    nearly = 9_000 * 10**12
    ledger.reserve("c", {"key": nearly - 1}, {"key": nearly})
    with pytest.raises(OverLimitError):
        ledger.reserve("d", {"key": 2}, {"key": nearly})
    ledger.reserve("d", {"key": 1}, {"key": nearly})


def test_a_reservation_of_a_day_that_is_over_takes_nothing_from_the_next(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 100}, LIMITS)
    clock.turn(days=1)
    ledger.renew({"a": {TOTAL: 100}})
    ledger.reserve("b", {TOTAL: 100}, LIMITS)
    ledger.release("a")
    assert balances(ledger)[TOTAL].reserved == 100
