"""The ledger in a file: damage, another version, a full disk."""

from __future__ import annotations

import datetime as dt
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from litellm_gateway.budget.ledger import TOTAL, Balance, LedgerError
from litellm_gateway.budget.sqlite import SqliteLedger

pytestmark = pytest.mark.unit


@pytest.fixture
def open_ledger(tmp_path: Path) -> Callable[[], SqliteLedger]:
    return lambda: SqliteLedger(tmp_path / "ledger")


@pytest.fixture
def ledger(open_ledger: Callable[[], SqliteLedger]) -> SqliteLedger:
    return open_ledger()


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
    assert ledger.balances()[1] == [Balance(TOTAL, 1, 0, 1)]


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """The system refuses to write more, as it does where a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_the_system_refuses_is_told_and_the_next_one_works(ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.settle("a", {TOTAL: 1})
    with no_file_grows_beyond((tmp_path / "ledger-wal").stat().st_size):
        for _ in range(2):
            with pytest.raises(LedgerError, match=r"ledger cannot be used: (disk I/O error|database or disk is full)"):
                ledger.reserve("b", {TOTAL: 1}, {})
    ledger.reserve("b", {TOTAL: 1}, {})
    assert ledger.balances()[1] == [Balance(TOTAL, 1, 1, 1)]


def test_a_file_taken_away_in_use_is_told(ledger: SqliteLedger, tmp_path: Path) -> None:
    """A worker that starts now would count in a new file, and both would pass the limit together."""
    (tmp_path / "ledger").rename(tmp_path / "elsewhere")
    with pytest.raises(LedgerError, match="was removed while the gateway ran"):
        ledger.reserve("a", {TOTAL: 1}, {})
    SqliteLedger(tmp_path / "ledger").close()
    with pytest.raises(LedgerError, match="was replaced while the gateway ran"):
        ledger.reserve("a", {TOTAL: 1}, {})


def test_the_disk_is_waited_for_when_reservations_are_renewed_and_only_then(ledger: SqliteLedger) -> None:
    said: list[str] = []
    ledger._connection.set_trace_callback(said.append)
    ledger.reserve("a", {TOTAL: 1}, {})
    ledger.settle("a", {TOTAL: 1})
    assert not [each for each in said if each.startswith("PRAGMA")]
    ledger.renew({})
    assert [said[-1], *[each for each in said if each in {"PRAGMA synchronous = FULL", "COMMIT"}][-2:]] == [
        "PRAGMA synchronous = NORMAL",
        "PRAGMA synchronous = FULL",
        "COMMIT",
    ]
    with pytest.raises(LedgerError), no_file_grows_beyond(0):
        ledger.renew({"a": {TOTAL: 1}})
    assert ledger._run("PRAGMA synchronous").fetchone() == (1,), "NORMAL"


def test_a_page_that_is_damaged_is_noticed_at_the_start_though_nobody_needs_it_yet(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    ledger = SqliteLedger(file)
    ledger.settle("a", {f"account {number}": 1 for number in range(1000)})
    ledger.close()
    content, page = bytearray(file.read_bytes()), 4096
    middle = len(content) // page // 2 * page
    content[middle : middle + page] = b"x" * page
    file.write_bytes(content)
    with pytest.raises(LedgerError, match=r"ledger is damaged \(.*\): move it away to begin a new one"):
        SqliteLedger(file)


def test_what_was_spent_long_ago_is_forgotten_at_the_start(tmp_path: Path) -> None:
    day = dt.date(2026, 11, 24)

    def opened(later: int) -> SqliteLedger:
        return SqliteLedger(tmp_path / "ledger", today=lambda: day + dt.timedelta(days=later))

    for later in (0, 1, 41):
        ledger = opened(later)
        ledger.settle("a", {TOTAL: 1})
        ledger.close()
    kept = opened(41)
    assert kept._run("SELECT day FROM spent ORDER BY day").fetchall() == [("2026-11-25",), ("2027-01-04",)]
    kept.close()
