"""The numbers of several workers in one file."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from litellm_gateway.budget.call import Settlement
from litellm_gateway.metrics import store as stores
from litellm_gateway.metrics.collector import Collector
from litellm_gateway.metrics.store import Spent, Store, StoreError
from litellm_gateway.record import Record

pytestmark = pytest.mark.unit

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

GPT = 'gateway_tokens_total{model="gpt-4o",provider="openai",kind="input"}'


def answered(collector: Collector, request: str = "1") -> None:
    record = Record("POST", "/v1/chat/completions", status=200, client="master", model="gpt-4o", served="gpt-4o")
    record.input_tokens, record.settlement = 12, Settlement(50, None, {"claude-sonnet": 7})
    collector.see(record, {"request_id": request})


def worker(tmp_path: Path) -> Collector:
    return Collector(Store(tmp_path / "metrics.sqlite3"), lambda _: "openai", lambda: NOON)


def test_workers_add_up_and_restarts_forget_nothing(tmp_path: Path) -> None:
    first, second = worker(tmp_path), worker(tmp_path)
    for collector in (first, second, first):
        answered(collector)
    second.flush()
    assert first.flush().counted()[GPT] == 36
    answered(second)
    for collector in (first, second):
        collector.stop()
    kept = Store(tmp_path / "metrics.sqlite3")
    assert kept.counted()[GPT] == 48
    spent = sorted(kept.spent(NOON.date()), key=lambda each: each.model)
    assert spent == [
        Spent("2026-11-24", "claude-sonnet", "master", 28, 0),
        Spent("2026-11-24", "gpt-4o", "master", 200, 4),
    ]
    kept.close()


def test_the_latest_requests_come_first_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "KEPT", 2)
    collector = worker(tmp_path)
    for request in ("1", "2", "3"):
        answered(collector, request)
        collector.flush()
    store = collector.flush()
    assert [told.line["request_id"] for told in store.recent()] == ["3", "2"]
    assert store._connection.execute("SELECT count(*) FROM recent").fetchone() == (2,), "so the file does not grow"
    collector.stop()


def test_a_request_without_a_model_is_counted_but_not_kept(tmp_path: Path) -> None:
    collector = worker(tmp_path)
    collector.see(Record("GET", "/health", status=200), {})
    store = collector.flush()
    assert store.counted() == {'gateway_requests_total{path="/health",status="200"}': 1}
    assert store.recent() == []
    collector.stop()


def test_numbers_that_cannot_be_written_are_kept_until_they_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    collector = worker(tmp_path)
    blocker = sqlite3.connect(tmp_path / "metrics.sqlite3", isolation_level=None)
    collector._store._connection.execute("PRAGMA busy_timeout = 1")
    blocker.execute("BEGIN IMMEDIATE")
    answered(collector)
    for _ in range(2):
        collector._try()
    assert [record.message.partition(": ")[0] for record in caplog.records] == ["Metrics"]
    with pytest.raises(StoreError, match=r"metrics\.sqlite3.*locked"):
        collector.flush()
    blocker.execute("ROLLBACK")
    answered(collector)
    collector._try()
    assert collector.flush().counted()[GPT] == 24
    blocker.execute("BEGIN IMMEDIATE")
    answered(collector)
    collector._try()
    assert len(caplog.records) == 2, "each time that it begins to fail is told"
    blocker.execute("ROLLBACK")
    blocker.close()
    collector.stop()


def test_what_was_spent_long_ago_is_forgotten_at_the_start(tmp_path: Path) -> None:
    file, today = tmp_path / "metrics.sqlite3", dt.datetime.now(dt.UTC).date()
    days = [today - dt.timedelta(days=ago) for ago in (39, 42)]
    store = Store(file)
    store.add({}, [Spent(day.isoformat(), "gpt-4o", "master", 1, 1) for day in days], [])
    store.close()
    store = Store(file)
    assert [len(store.spent(day)) for day in days] == [1, 0]
    store.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to look at" * 40, b"SQLite format 3\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "metrics.sqlite3"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"metrics\.sqlite3"):
        Store(file)


def test_a_file_of_another_version_is_named(tmp_path: Path) -> None:
    file = tmp_path / "metrics.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        Store(file)
