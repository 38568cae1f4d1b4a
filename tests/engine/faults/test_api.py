"""Railway's API fails, is slow, says no, or is not what it was."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_railway.api.retries import RetryPolicy
from tests.retry_after import date_in

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

SERVER_ERROR = json.dumps({"message": "Internal server error", "requestId": "req-4711"})
SAID = "%Y-%m-%d %H:%M:%S"
BLOCK_PAGE = "<!doctype html><html><body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"


def test_a_read_that_fails_is_repeated(stage: FaultStage) -> None:
    stage.fault("project", "status", code=500, body=SERVER_ERROR)
    stage.fault("project", "status", code=502)
    stage.fault("serviceInstance", "html", code=503)
    result = stage.up()
    assert result.status == 0, result.output
    assert stage.cloud.faults.list() == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"action": "status", "code": 500, "body": SERVER_ERROR}, "Internal server error (HTTP 500, traceId req-4711)"),
        ({"action": "status", "code": 502, "headers": {"x-request-id": "req-815"}}, "(HTTP 502, traceId req-815)"),
        ({"action": "html", "code": 200}, "an HTML page instead of JSON (HTTP 200)"),
    ],
    ids=["500", "502", "page"],
)
def test_a_read_that_goes_on_failing_ends_with_status_and_request_id(
    stage: FaultStage, fault: dict[str, Any], told: str
) -> None:
    stage.fault("project", times=20, **fault)
    result = stage.preview()
    stage.require_refused(result, "Railway, project: ", told, "Run again")
    assert [call.operation for call in stage.calls("railway")] == ["project"] * stage.tempo.policy.attempts


def test_a_write_that_fails_is_not_repeated_where_that_is_not_safe(stage: FaultStage) -> None:
    stage.fault("serviceCreate", "status", code=502)
    result = stage.up()
    stage.require_refused(
        result, "No service litellm-gateway is there, so nothing was made: run again", "serviceCreate"
    )
    assert stage.writes() == ["serviceCreate"]
    stage.require_converges()


def test_a_pause_that_railway_asks_for_is_waited_out_and_said(stage: FaultStage) -> None:
    dates = []

    def limit() -> None:
        moment, header = date_in(2)
        dates.append(moment)
        stage.fault("serviceCreate", "status", code=429, headers={"retry-after": header})

    stage.fault("project", "status", code=429, headers={"retry-after": "1"})
    stage.when("serviceCreate", limit)
    result = stage.up()
    assert result.status == 0, result.output
    asked = [call.time for call in stage.calls("railway") if call.operation == "project"]
    assert asked[1] - asked[0] >= dt.timedelta(seconds=1)
    assert "Railway, project: rate limit reached; the limit resets at" in result.output
    assert "trying again in 1 s" in result.output
    (later,) = dates
    assert f"Railway, serviceCreate: rate limit reached; the limit resets at {later:{SAID}} UTC" in result.output
    refused, made = [call.time for call in stage.calls("railway") if call.operation == "serviceCreate"]
    assert refused < later <= made


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_pause_beyond_the_bound_ends_the_run_with_the_time_to_come_back(stage: FaultStage, form: str) -> None:
    later, header = date_in(3000)
    if form == "seconds":
        header = "3000"
    stage.fault("variableCollectionUpsert", "status", code=429, headers={"retry-after": header})
    result = stage.up()
    stage.require_refused(result, "the limit resets at ", "Run again then", "stays in the state")
    told = re.findall(r"the limit resets at (\S+ \S+) UTC", result.output)[0]
    latest = later if form == "date" else dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3000)
    assert f"{later:{SAID}}" <= told <= f"{latest:{SAID}}"
    assert stage.writes().count("variableCollectionUpsert") == 1
    stage.require_converges()


def test_an_answer_of_200_with_errors_is_a_failure_with_path_and_code(stage: FaultStage) -> None:
    error = {
        "message": "Value is too long",
        "path": ["variableCollectionUpsert", "variables"],
        "extensions": {"code": "BAD_USER_INPUT"},
        "traceId": "1234",
    }
    body = json.dumps({"errors": [error], "data": {"variableCollectionUpsert": True}})
    stage.fault("variableCollectionUpsert", "status", code=200, body=body)
    result = stage.up()
    stage.require_refused(
        result, "Value is too long at variableCollectionUpsert.variables [BAD_USER_INPUT] (HTTP 200, traceId 1234)"
    )
    assert stage.deployments() == []
    stage.require_converges()


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"action": "null_data"}, "project"),
        ({"action": "status", "code": 200, "body": '{"data": {"project": null}}'}, "project"),
        ({"action": "status", "code": 200, "body": '{"data": {"project": {"id": "x"}}}'}, "project.environments"),
    ],
    ids=["no data", "null", "no field"],
)
def test_an_answer_without_what_the_schema_promises_says_that_the_api_changed(
    stage: FaultStage, fault: dict[str, Any], field: str
) -> None:
    stage.fault("project", **fault)
    result = stage.preview()
    stage.require_refused(result, f"API changed: field {field} is missing", "newer version")
    assert stage.writes() == []


@pytest.mark.parametrize("code", [403, 429])
def test_a_block_at_the_edge_is_told_from_a_limit_and_not_asked_again(stage: FaultStage, code: int) -> None:
    stage.fault("project", "html", code=code, body=BLOCK_PAGE, times=20)
    result = stage.preview()
    stage.require_refused(result, "edge block, page 1015", "wait an hour or more, asking again prolongs it")
    assert len(stage.calls("railway")) == 1


def test_a_read_without_an_answer_is_repeated(stage: FaultStage) -> None:
    stage.tempo.policy = RetryPolicy(backoff=0.01, answer=0.5)
    stage.fault("project", "delay", seconds=1.0)
    result = stage.preview()
    assert result.status == 0, result.output
    assert len(stage.calls("railway")) > 1


def test_reads_without_an_answer_end_at_the_total_time_limit(stage: FaultStage) -> None:
    stage.tempo.policy = RetryPolicy(attempts=100, backoff=0.01, longest_backoff=0.01, answer=0.3, total=1.0)
    stage.fault("project", "delay", seconds=1.0, times=100)
    result = stage.preview()
    stage.require_refused(result, "Railway, project: no answer (ReadTimeout)", "Run again")
    assert 2 <= len(stage.calls("railway")) <= 5
