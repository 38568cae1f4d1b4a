"""Rules that need no HTTP: references, config, pages, limits, logs, late reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from localcloud.railway.behaviour import Behaviour
from localcloud.railway.errors import RailwayError, application_errors
from localcloud.railway.limits import RequestLimit
from localcloud.railway.paging import page
from localcloud.railway.runner.logs import parsed
from localcloud.railway.state.clock import Lagging
from localcloud.railway.state.config import masked, merged
from localcloud.railway.state.deployments import go_live
from localcloud.railway.state.model import (
    DEFAULT_SETTINGS,
    Captured,
    Deployment,
    Instance,
    Service,
    Source,
    Status,
    Variable,
)
from localcloud.railway.state.private import address
from localcloud.railway.state.references import references, rendered, rendered_shared
from localcloud.railway.state.world import World

pytestmark = pytest.mark.unit


@dataclass
class Row:
    id: str


def walk(rows: list[Row], size: int, first: int | None) -> list[Row]:
    """All rows, page after page."""
    seen: list[Row] = []
    after, more = None, True
    while more:
        found = page(rows, size, {"first": first, "after": after})
        seen += [edge["node"] for edge in found["edges"]]
        after, more = found["page_info"]["end_cursor"], found["page_info"]["has_next_page"]
    return seen


@given(st.integers(0, 30), st.integers(1, 8), st.one_of(st.none(), st.integers(1, 40)))
def test_pages_hold_every_row_once_and_in_order(count: int, size: int, first: int | None) -> None:
    rows = [Row(str(number)) for number in range(count)]
    assert walk(rows, size, first) == rows


@given(st.integers(0, 20), st.integers(0, 25))
def test_the_last_rows_come_from_the_end(count: int, last: int) -> None:
    rows = [Row(str(number)) for number in range(count)]
    found = page(rows, 100, {"last": last})
    assert [edge["node"] for edge in found["edges"]] == (rows[-last:] if last else [])
    assert found["page_info"]["has_previous_page"] == (count > last)


def instance(world: World, name: str, **values: str) -> Instance:
    service = Service("project", name)
    made = Instance(service.id, "environment")
    made.variables.write({key: Variable(key, value) for key, value in values.items()}, 0)
    world.services[service.id] = service
    world.instances[made.id] = made
    return made


def test_references_follow_each_other_between_services(world: World) -> None:
    database = instance(world, "Postgres", USER="me", URL="db://${{USER}}@${{RAILWAY_PRIVATE_DOMAIN}}")
    web = instance(world, "web")
    values = {"A": "${{ Postgres.URL }}", "B": "<${{A}}>", "C": "${{Nobody.URL}}", "D": "${{ not a name }}"}
    found = rendered(world, web, values)
    assert found["A"] == f"db://me@{address(database)}"
    assert found["RAILWAY_PRIVATE_DOMAIN"] == address(web) != address(database)
    assert address(web).startswith("127.")
    assert found["B"] == f"<{found['A']}>"
    assert (found["C"], found["D"]) == ("", "${{ not a name }}")
    assert found["RAILWAY_SERVICE_NAME"] == "web"


def test_a_circle_of_references_ends(world: World) -> None:
    web = instance(world, "web", A="${{web.A}}x")
    assert "${{" not in rendered(world, web, {"A": "${{B}}", "B": "${{A}}", "C": "${{web.A}}"})["C"]


def test_shared_variables_see_each_other() -> None:
    assert rendered_shared({"A": "1", "B": "${{shared.A}}${{A}}${{web.A}}"})["B"] == "11"
    assert references("${{A}} ${{shared.B}} ${{My Service.C}} ${ {D}}") == ["A", "shared.B", "My Service.C"]


PATCHES = st.recursive(
    st.none() | st.integers(),
    lambda children: st.dictionaries(st.sampled_from("abc"), children, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abc"), PATCHES), st.dictionaries(st.sampled_from("abc"), PATCHES))
def test_a_merged_change_wins_and_merging_it_again_changes_nothing(
    base: dict[str, Any], change: dict[str, Any]
) -> None:
    once = merged(base, change)
    assert merged(once, change) == once
    assert once.keys() == base.keys() | change.keys()


def test_a_masked_patch_keeps_its_form_and_loses_its_values() -> None:
    patch = {
        "services": {
            "a": {"variables": {"K": {"value": "secret", "isSealed": True}, "GONE": None}},
            "b": {"deploy": {}},
        },
        "sharedVariables": {"S": {"value": "secret"}},
    }
    found = masked(patch)
    assert "secret" not in str(found)
    assert found["services"]["a"]["variables"] == {"K": {"value": "*****", "isSealed": True}, "GONE": None}
    assert found["services"]["b"] == {"deploy": {}}
    assert patch["sharedVariables"] == {"S": {"value": "secret"}}, "the patch itself is untouched"


def test_late_reads_show_what_was_before_the_first_of_quick_writes() -> None:
    moment = [100.0]
    value = Lagging("a", clock=lambda: moment[0])
    value.write("b", 1.0)
    moment[0] += 0.5
    value.write("c", 1.0)
    assert (value.visible, value.current) == ("a", "c")
    moment[0] += 1.0
    assert value.visible == "c"


def test_a_window_of_requests_ends_after_an_hour() -> None:
    moment = [1_000_000.0]
    limit = RequestLimit(clock=lambda: moment[0])
    assert [limit.take("a", 2).granted for _ in range(3)] == [True, True, False]
    refused = limit.take("a", 2)
    assert (refused.headers["retry-after"], refused.headers["x-ratelimit-reset"]) == ("3600", "1003600")
    assert limit.take("b", 2).granted
    moment[0] += 3600
    assert limit.take("a", 2).granted


@pytest.mark.parametrize(
    ("line", "message", "severity", "attributes"),
    [
        ("plain", "plain", "info", {}),
        ('{"message": "m", "level": "ERROR", "a": 1, "b": "x"}', "m", "error", {"a": "1", "b": "x"}),
        ('{"msg": "m"}', "m", "info", {}),
        ('{"a": {"b": null}}', "", "info", {"a": '{"b": null}'}),
        ("{broken", "{broken", "info", {}),
        ("[1]", "[1]", "info", {}),
    ],
)
def test_a_structured_line_is_taken_apart(line: str, message: str, severity: str, attributes: dict[str, str]) -> None:
    log = parsed("stdout", line)
    assert (log.message, log.severity) == (message, severity)
    assert {item["key"]: item["value"] for item in log.attributes} == attributes
    assert log.timestamp.endswith("000Z")


def test_standard_error_is_an_error() -> None:
    assert parsed("stderr", "plain").severity == "error"


def deployed(world: World, place: Instance, status: Status) -> Deployment:
    captured = Captured(Source(), dict(DEFAULT_SETTINGS), {}, {})
    made = Deployment("project", place.environment_id, place.service_id, captured, "deploy", status=status)
    world.deployments[made.id] = made
    return made


def test_going_live_takes_over_from_older_ones_only(world: World) -> None:
    place = instance(world, "web")
    kinds = (Status.FAILED, Status.SUCCESS, Status.BUILDING, Status.DEPLOYING, Status.DEPLOYING)
    _, live, building, ready, newest = (deployed(world, place, status) for status in kinds)
    assert go_live(world, ready) == [building, live]
    assert (place.serving, ready.was_live, newest.was_live) == (ready.id, True, False)


def test_a_late_one_does_not_go_live_after_a_newer_one(world: World) -> None:
    place = instance(world, "web")
    late, _ = (deployed(world, place, status) for status in (Status.DEPLOYING, Status.SUCCESS))
    assert go_live(world, late) is None
    assert (place.serving, late.was_live) == (None, False)
    world.instances.clear()
    assert go_live(world, late) is None


def test_a_fault_of_our_own_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    errors = [
        GraphQLError("secret", original_error=KeyError("secret")),
        GraphQLError("x", original_error=RailwayError("x")),
    ]
    found = application_errors(errors)
    assert [entry["message"] for entry in found] == ["Problem processing request", "x"]
    assert len(caplog.records) == 1


def test_switches_are_checked_before_any_is_set() -> None:
    behaviour = Behaviour()
    behaviour.configure({"read_lag": 1, "unique_service_names": True})
    assert (behaviour.read_lag, behaviour.unique_service_names) == (1, True)
    for wrong in ({"page_size": 5, "other": 1}, {"page_size": 5, "supersede": 1}, {"page_size": 5, "holds": ["X"]}):
        with pytest.raises(ValueError, match=r"no switch|takes a|not a valid"):
            behaviour.configure(wrong)
    assert behaviour.page_size == 100


def test_a_cursor_must_be_one_that_was_given() -> None:
    for arguments in ({"after": "x"}, {"before": "x"}, {"first": -1}, {"last": -1}):
        with pytest.raises(RailwayError, match="Invalid input"):
            page([Row("1")], 10, arguments)
