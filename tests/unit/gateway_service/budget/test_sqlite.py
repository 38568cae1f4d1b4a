"""The ledger in a file: limits that hold, reservations that end, days that never go back, damage that is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from litellm_gateway.budget.ledger import LASTS, TOTAL, Balance, LedgerError, OverLimitError
from litellm_gateway.budget.sqlite import SqliteLedger

pytestmark = pytest.mark.unit

LIMITS = {TOTAL: 100, "provider:openai": 60}


class Clock:
    def __init__(self) -> None:
        self.day = dt.date(2026, 11, 24)
        self.seconds = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_ledger(tmp_path: Path, clock: Clock) -> Callable[[], SqliteLedger]:
    return lambda: SqliteLedger(tmp_path / "ledger", today=lambda: clock.day, now=lambda: clock.seconds)


@pytest.fixture
def ledger(open_ledger: Callable[[], SqliteLedger]) -> SqliteLedger:
    return open_ledger()


def balances(ledger: SqliteLedger) -> dict[str, Balance]:
    return {balance.account: balance for balance in ledger.balances()[1]}


def test_reserve_settle_and_what_is_left(ledger: SqliteLedger) -> None:
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


def test_all_accounts_or_none(ledger: SqliteLedger) -> None:
    with pytest.raises(OverLimitError, match="provider:openai"):
        ledger.reserve("a", {TOTAL: 70, "provider:openai": 70}, LIMITS)
    assert balances(ledger) == {}


def test_an_account_without_a_limit_is_only_counted(ledger: SqliteLedger) -> None:
    ledger.reserve("a", {"provider:google": 10**15}, LIMITS)
    assert balances(ledger)["provider:google"].reserved == 10**15


def test_one_account_of_a_call_is_released_alone(ledger: SqliteLedger) -> None:
    ledger.reserve("a", {TOTAL: 70}, LIMITS)
    ledger.reserve("a", {"provider:openai": 50}, LIMITS)
    ledger.release("a", ["provider:openai"])
    assert balances(ledger) == {TOTAL: Balance(TOTAL, 0, 70, 0)}


def test_what_is_not_renewed_ends(ledger: SqliteLedger, clock: Clock) -> None:
    ledger.reserve("dead", {TOTAL: 60}, LIMITS)
    ledger.reserve("alive", {TOTAL: 40}, LIMITS)
    clock.seconds += LASTS - 1
    ledger.renew(["alive"])
    clock.seconds += 2
    ledger.reserve("new", {TOTAL: 60}, LIMITS)
    assert balances(ledger)[TOTAL].reserved == 100


def test_what_was_spent_is_kept_and_a_new_day_begins_anew(
    ledger: SqliteLedger, open_ledger: Callable[[], SqliteLedger], clock: Clock
) -> None:
    ledger.reserve("a", {TOTAL: 100}, LIMITS)
    ledger.settle("a", {TOTAL: 100})
    ledger.close()
    again = open_ledger()
    assert balances(again) == {TOTAL: Balance(TOTAL, 100, 0, 1)}
    clock.day += dt.timedelta(days=1)
    again.reserve("b", {TOTAL: 100}, LIMITS)
    assert again.balances() == (clock.day, [Balance(TOTAL, 0, 100, 0)])


def test_a_call_over_midnight_counts_where_it_was_reserved(ledger: SqliteLedger, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 50}, LIMITS)
    clock.day += dt.timedelta(days=1)
    assert ledger.settle("a", {TOTAL: 40}) == Balance(TOTAL, 40, 0, 1)
    assert balances(ledger) == {}


def test_a_clock_set_back_over_midnight_opens_no_old_budget(ledger: SqliteLedger, clock: Clock) -> None:
    ledger.reserve("a", {TOTAL: 100}, LIMITS)
    ledger.settle("a", {TOTAL: 100})
    clock.day -= dt.timedelta(days=1)
    with pytest.raises(OverLimitError):
        ledger.reserve("b", {TOTAL: 1}, LIMITS)


def test_a_reset_empties_the_named_accounts(ledger: SqliteLedger) -> None:
    ledger.settle("a", {TOTAL: 30, "provider:openai": 30})
    ledger.reset(["provider:openai"])
    assert list(balances(ledger)) == [TOTAL]
    ledger.reset()
    assert balances(ledger) == {}


def test_a_hundred_at_once_never_pass_the_limit(open_ledger: Callable[[], SqliteLedger]) -> None:
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


def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    file.write_bytes(b"this is no database, but it is long enough to be read as one" * 100)
    before = file.read_bytes()
    with pytest.raises(LedgerError, match=r"ledger.*cannot be used"):
        SqliteLedger(file)
    assert file.read_bytes() == before


def test_a_file_of_another_version_is_told(ledger: SqliteLedger, open_ledger: Callable[[], SqliteLedger]) -> None:
    ledger._run("PRAGMA user_version = 7")
    ledger.close()
    with pytest.raises(LedgerError, match=r"another version of the gateway \(7\)"):
        open_ledger()


def test_a_full_disk_is_told_and_nothing_is_half_written(ledger: SqliteLedger) -> None:
    ledger.settle("a", {TOTAL: 1})
    (pages,) = ledger._run("PRAGMA page_count").fetchone()
    ledger._run(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="full"):
        ledger.reserve("b", {f"account {number}": 1 for number in range(2000)}, {})
    assert balances(ledger) == {TOTAL: Balance(TOTAL, 1, 0, 1)}
