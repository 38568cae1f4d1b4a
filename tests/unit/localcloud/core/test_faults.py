"""Faults: which call meets which, and once only."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.core.faults import Fault, FaultError, Faults

pytestmark = pytest.mark.unit

LOST = Fault("railway", "serviceCreate", "drop_after")


def test_a_fault_is_met_once_by_its_operation() -> None:
    faults = Faults()
    faults.add(LOST)

    assert faults.take("railway", "serviceDelete") is None
    assert faults.take("github", "serviceCreate") is None
    assert faults.take("railway", "serviceCreate") is LOST
    assert faults.take("railway", "serviceCreate") is None


def test_faults_of_one_operation_are_met_in_order() -> None:
    faults = Faults()
    first, second = Fault("github", "GetUser", "html"), Fault("github", "GetUser", "delay", seconds=1)
    faults.add(first)
    faults.add(second)

    assert [faults.take("github", "GetUser") for _ in range(3)] == [first, second, None]


def test_a_star_means_any_operation() -> None:
    faults = Faults()
    faults.add(Fault("railway", "*", "drop_before"))

    assert faults.take("github", "GetUser") is None
    assert faults.take("railway", "project") is not None


def test_skip_lets_calls_pass_first() -> None:
    faults = Faults()
    faults.add(Fault("railway", "*", "drop_before", skip=2))

    assert [faults.take("railway", name) is None for name in ("a", "b", "c", "d")] == [True, True, False, True]


def test_pending_faults_are_listed_and_cleared() -> None:
    faults = Faults()
    faults.add(LOST)
    assert faults.list() == [LOST]

    faults.clear()
    assert faults.list() == []
    assert faults.take("railway", "serviceCreate") is None


def test_a_fault_is_read_from_json() -> None:
    value = {
        "service": "railway",
        "operation": "project",
        "action": "status",
        "code": 429,
        "headers": {"Retry-After": "1"},
    }

    assert Fault.from_json(value) == Fault("railway", "project", "status", code=429, headers={"Retry-After": "1"})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "needs action, operation, service"),
        ({"service": "railway", "operation": "x", "action": "explode"}, "no action 'explode'"),
        ({"service": "railway", "operation": "x", "action": "html", "colour": "red"}, "no field colour"),
        ({"service": "railway", "operation": "x", "action": "status", "code": "429"}, "code cannot be '429'"),
        ({"service": 1, "operation": "x", "action": "status"}, "service cannot be 1"),
    ],
)
def test_what_is_no_fault_is_refused(value: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultError, match=said):
        Fault.from_json(value)
