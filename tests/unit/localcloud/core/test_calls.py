"""The log of calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localcloud.core.calls import CallLog

pytestmark = pytest.mark.unit


def test_calls_are_kept_in_order_and_forgotten_when_cleared() -> None:
    log = CallLog()
    log.record("railway", "project", "query", authorised=True)
    log.record("github", "CreateVariable", "mutation", authorised=False)

    shown = [call.to_json() for call in log.list()]

    assert [{key: value for key, value in call.items() if key != "time"} for call in shown] == [
        {"service": "railway", "operation": "project", "kind": "query", "authorised": True},
        {"service": "github", "operation": "CreateVariable", "kind": "mutation", "authorised": False},
    ]
    times = [datetime.fromisoformat(str(call["time"])) for call in shown]
    assert times == sorted(times)
    assert datetime.now(UTC) - times[0] < timedelta(minutes=1)

    log.clear()
    assert log.list() == []


def test_a_listed_log_does_not_grow() -> None:
    log = CallLog()
    listed = log.list()
    log.record("railway", "project", "query", authorised=True)

    assert listed == []
