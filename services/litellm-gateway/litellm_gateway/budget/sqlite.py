"""A ledger in a SQLite file: shared by every worker of a machine, kept over restarts where its directory is.

A process that is killed loses nothing. A machine that crashes loses what was written after the last renewal: then alone
the disk is waited for, since that takes milliseconds, ten times as long as all else.

The day never goes back: a clock that is set back over midnight does not open yesterday's budget again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from litellm_gateway.budget.ledger import LASTS, TOTAL, UNSEEN, Balance, LedgerError, OverLimitError, utc_today

LEDGER: Final = "ledger.sqlite3"
"""The file's name in the gateway's data directory."""

_BUSY_SECONDS: Final = 5.0
_KEPT_DAYS: Final = 40
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS spent (
  day TEXT, account TEXT, amount INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (
  call TEXT, account TEXT, day TEXT NOT NULL, amount INTEGER NOT NULL, until REAL NOT NULL, PRIMARY KEY (call, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reserved_by_account ON reserved (account);
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, seen REAL NOT NULL) STRICT;
"""


class SqliteLedger:
    """A ledger in `file`, whose directory must exist. Not safe across threads: one for each event loop."""

    def __init__(
        self, file: Path, today: Callable[[], dt.date] = utc_today, now: Callable[[], float] = time.time
    ) -> None:
        self.place = f"the ledger {file}"
        self._file = file
        self._today = today
        self._now = now
        with self._reported():
            self._connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
            self._prepare()

    def reserve(self, call: str, amounts: Mapping[str, int], limits: Mapping[str, int]) -> None:
        """See `Ledger.reserve`."""
        with self._transaction():
            day, now = self._day(), self._drop_dead()
            for account, amount in amounts.items():
                self._run("DELETE FROM reserved WHERE call = ? AND account = ?", call, account)
                balance = self._balance(day, account)
                limit = limits.get(account)
                if limit is not None and balance.spent + balance.reserved + amount > limit:
                    raise OverLimitError(balance, limit, amount)
                self._run("INSERT INTO reserved VALUES (?, ?, ?, ?, ?)", call, account, day, amount, now + LASTS)

    def settle(self, call: str, costs: Mapping[str, int]) -> Balance:
        """See `Ledger.settle`."""
        with self._transaction():
            found = self._run("SELECT day FROM reserved WHERE call = ? LIMIT 1", call).fetchone()
            day = found[0] if found else self._day()
            self._run("DELETE FROM reserved WHERE call = ?", call)
            for account, cost in costs.items():
                self._run(
                    "INSERT INTO spent VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE "
                    "SET amount = amount + excluded.amount, requests = requests + 1",
                    *(day, account, cost),
                )
            return self._balance(day, TOTAL)

    def release(self, call: str, accounts: Collection[str] | None = None) -> None:
        """See `Ledger.release`."""
        with self._transaction():
            if accounts is None:
                self._run("DELETE FROM reserved WHERE call = ?", call)
            for account in accounts or ():
                self._run("DELETE FROM reserved WHERE call = ? AND account = ?", call, account)

    def renew(self, calls: Mapping[str, Mapping[str, int]]) -> None:
        """See `Ledger.renew`. Afterwards all that was written before is on the disk."""
        with self._on_disk(), self._transaction():
            day, now = self._day(), self._drop_dead()
            self._run("UPDATE clock SET seen = ?", now)
            for call, amounts in calls.items():
                for account, amount in amounts.items():
                    self._run(
                        "INSERT INTO reserved VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until",
                        *(call, account, day, amount, now + LASTS),
                    )

    def balances(self) -> tuple[dt.date, list[Balance]]:
        """See `Ledger.balances`."""
        with self._transaction():
            day = self._day()
            self._drop_dead()
            names = self._run(
                "SELECT account FROM spent WHERE day = ? UNION SELECT account FROM reserved WHERE day = ?", day, day
            ).fetchall()
            return dt.date.fromisoformat(day), [self._balance(day, name) for (name,) in names]

    def reset(self, accounts: Collection[str] | None = None) -> None:
        """See `Ledger.reset`."""
        with self._transaction():
            if accounts is None:
                self._run("DELETE FROM spent WHERE day = ?", self._day())
            for account in accounts or ():
                self._run("DELETE FROM spent WHERE day = ? AND account = ?", self._day(), account)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepare(self) -> None:
        self._run("PRAGMA journal_mode = WAL")
        self._inode = self._file.stat().st_ino
        self._run("PRAGMA synchronous = NORMAL")
        (found,) = self._run("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise LedgerError(f"{self.place} is damaged ({' '.join(found.split())}): move it away to begin a new one")
        (version,) = self._run("PRAGMA user_version").fetchone()
        if version not in {0, _VERSION}:
            raise LedgerError(f"{self.place} was written by another version of the gateway ({version})")
        with self._transaction():
            for statement in _SCHEMA.split(";"):
                self._run(statement)
            self._run(f"PRAGMA user_version = {_VERSION}")
            self._run("INSERT OR IGNORE INTO clock VALUES (1, ?)", self._now())
            oldest = dt.date.fromisoformat(self._day()) - dt.timedelta(days=_KEPT_DAYS)
            self._run("DELETE FROM spent WHERE day < ?", oldest.isoformat())

    def _balance(self, day: str, account: str) -> Balance:
        found = self._run("SELECT amount, requests FROM spent WHERE day = ? AND account = ?", day, account).fetchone()
        spent, requests = found or (0, 0)
        held = "SELECT coalesce(sum(amount), 0) FROM reserved WHERE account = ? AND day = ?"
        (reserved,) = self._run(held, account, day).fetchone()
        return Balance(account, spent, reserved, requests)

    def _drop_dead(self) -> float:
        """Drop what nobody renewed; returns the time."""
        now = self._now()
        (seen,) = self._run("SELECT seen FROM clock").fetchone()
        if abs(now - seen) > UNSEEN:
            self._run("UPDATE reserved SET until = until + ?", now - seen)
            self._run("UPDATE clock SET seen = ?", now)
        self._run("DELETE FROM reserved WHERE until < ?", now)
        return now

    def _day(self) -> str:
        """Today, or the latest day there is an entry for."""
        (latest,) = self._run("SELECT max(day) FROM spent").fetchone()
        return max(self._today().isoformat(), latest or "")

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """The disk is waited for, which takes along whatever was written and not waited for."""
        with self._reported():
            self._run("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            with self._reported():
                self._run("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, and alone, in the file that other processes find."""
        with self._reported():
            if self._file.stat().st_ino != self._inode:
                raise LedgerError(f"{self.place} was replaced while the gateway ran: restart it to use the new one")
            self._run("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._run("ROLLBACK")
                raise
            self._run("COMMIT")

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise LedgerError(f"{self.place} was removed while the gateway ran: restart it to begin anew") from error
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise LedgerError(f"{self.place} cannot be used: {error}") from error
