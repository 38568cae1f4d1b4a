"""Which points a run that was watched has."""

from __future__ import annotations

import pytest

from chaos.points import Event, Point, events, points

pytestmark = pytest.mark.unit


def test_calls_are_numbered_each_for_itself() -> None:
    calls = [("railway", "project"), ("github", "GetVariable"), ("railway", "deployments"), ("railway", "project")]
    assert [str(event) for event in events(calls, 0, 0)] == [
        "railway project 1",
        "railway deployments 1",
        "railway project 2",
        "github GetVariable 1",
    ]


def test_of_polls_the_first_and_the_last_count_whatever_other_services_do_meanwhile() -> None:
    polls = [("railway", "deployment"), ("github", "GetVariable"), ("railway", "deployment"), ("railway", "deployment")]
    found = events([*polls, ("railway", "deployments"), ("railway", "deployment")], 0, 0)
    assert [str(event) for event in found if event.service == "railway"] == [
        "railway deployment 1",
        "railway deployment 3",
        "railway deployments 1",
        "railway deployment 4",
    ]


def test_writes_and_gates_are_points_too() -> None:
    found = events([], writes=2, gates=1)
    assert [str(event) for event in found] == ["state write 1", "state write 2", "gate judges 1"]
    made = points("embedded", "update", found, ["SIGINT"])
    assert [(str(point.event), point.moment) for point in made] == [
        ("state write 1", "before"),
        ("state write 1", "after"),
        ("state write 2", "before"),
        ("state write 2", "after"),
        ("gate judges 1", "before"),
    ]


def test_a_poll_that_never_came_is_looked_for_one_earlier() -> None:
    point = Point("embedded", "update", "SIGKILL", Event("railway", "deployment", 2), "after")
    earlier = point.earlier()
    assert str(earlier) == "update on embedded: SIGKILL after railway deployment 1"
    assert earlier is not None
    assert earlier.earlier() is None
    assert Point("embedded", "update", "SIGKILL", Event("state", "write", 2), "after").earlier() is None
