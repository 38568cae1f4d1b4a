"""The numbers of all workers of a machine, in a SQLite file beside the ledger. Losing it loses no money's count."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

METRICS: Final = "metrics.sqlite3"
"""The file's name in the gateway's data directory."""

KEPT: Final = 1000
"""How many requests are kept one by one."""

_BUSY_SECONDS: Final = 1.0
_KEPT_DAYS: Final = 40
_VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS counted (sample TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS spent (
  day TEXT, model TEXT, client TEXT, amount INTEGER NOT NULL, requests INTEGER NOT NULL,
  PRIMARY KEY (day, model, client)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recent (id INTEGER PRIMARY KEY, at REAL NOT NULL, line TEXT NOT NULL) STRICT;
PRAGMA user_version = {_VERSION};
"""


class StoreError(Exception):
    """The numbers cannot be read or written; the message says which file and why."""


@dataclass(frozen=True)
class Spent:
    """What the requests of a client, answered by a model, cost on a day, in picodollars."""

    day: str
    model: str
    client: str
    amount: int
    requests: int


@dataclass(frozen=True)
class Told:
    """A request that named a model: when it ended, in seconds since 1970, and the fields of its line in the log."""

    at: float
    line: Mapping[str, Any]


class Store:
    """The numbers in `file`; its directory is made where it is missing. All methods raise `StoreError`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._reported():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=_BUSY_SECONDS)
            self._prepare()

    def add(self, counted: Mapping[str, int], spent: Iterable[Spent], told: Iterable[Told]) -> None:
        """Add to what is there, all or nothing."""
        with self._reported(), self._connection as transaction:
            transaction.executemany(
                "INSERT INTO counted VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                counted.items(),
            )
            transaction.executemany(
                "INSERT INTO spent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
                "SET amount = amount + excluded.amount, requests = requests + excluded.requests",
                ((one.day, one.model, one.client, one.amount, one.requests) for one in spent),
            )
            transaction.executemany(
                "INSERT INTO recent (at, line) VALUES (?, ?)", ((one.at, json.dumps(one.line)) for one in told)
            )
            transaction.execute("DELETE FROM recent WHERE id <= (SELECT max(id) FROM recent) - ?", (KEPT,))

    def counted(self) -> dict[str, int]:
        """The value of every sample; those that were first counted together follow each other."""
        with self._reported():
            return dict(self._connection.execute("SELECT sample, value FROM counted ORDER BY rowid"))

    def spent(self, day: dt.date) -> list[Spent]:
        """What was spent on a day."""
        with self._reported():
            rows = self._connection.execute("SELECT * FROM spent WHERE day = ?", (day.isoformat(),))
            return [Spent(*row) for row in rows]

    def recent(self) -> list[Told]:
        """The latest requests, newest first."""
        with self._reported():
            rows = self._connection.execute("SELECT at, line FROM recent ORDER BY id DESC LIMIT ?", (KEPT,))
            return [Told(at, json.loads(line)) for at, line in rows]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepare(self) -> None:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"):
            self._connection.execute(statement)
        with closing(self._connection.execute("PRAGMA user_version")) as asked:
            (version,) = asked.fetchone()
        if version not in {0, _VERSION}:
            raise StoreError(f"{self._file} was written by another version of the gateway: move it away")
        self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        oldest = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=_KEPT_DAYS)
        with self._connection as transaction:
            transaction.execute("DELETE FROM spent WHERE day < ?", (oldest.isoformat(),))

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, OverflowError) as error:
            reason = f"{self._file}, which holds the numbers of /metrics and /status, cannot be used: {error}"
            raise StoreError(reason) from error
