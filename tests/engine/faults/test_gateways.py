"""Releases that Railway calls healthy: the gate says of each what is wrong, and nothing of it is published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine


def refused(stage: FaultStage, spoiled: str, *mentions: str) -> None:
    """A bad release after a good one: told, rolled back, not published; without it the next run converges."""
    stage.hurry_the_gate()
    stage.deployed()
    published, good = stage.repository_variable(), serving(stage)
    stage.spoil(spoiled)
    stage.require_refused(stage.up(), "is not accepted", "Rolled back", "Nothing was published", *mentions)
    assert stage.repository_variable() == published
    assert serving(stage) == good or len(stage.deployments()) == 3, "the old build answers, as itself or again"
    stage.mend(spoiled)
    stage.require_converges()


def serving(stage: FaultStage) -> str:
    with stage.client() as client:
        answer = client.get("/health")
    assert answer.json()["status"] == "healthy"
    return answer.headers["x-gateway-deployment"]


def test_a_missing_model_is_named(stage: FaultStage) -> None:
    refused(stage, "models", "models", "missing: gemini-flash")


def test_no_fallback_is_seen_by_the_headers(stage: FaultStage) -> None:
    refused(stage, "fallback", "fallback", "nothing fell back")


def test_another_health_body_is_no_pass(stage: FaultStage) -> None:
    refused(stage, "health", "sick")


def test_a_gateway_open_to_anybody_is_critical_and_the_first_one_is_taken_offline(stage: FaultStage) -> None:
    stage.hurry_the_gate()
    stage.spoil("open")
    result = stage.up()
    stage.require_refused(result, "critical", "anybody can spend", "taken offline", "Nothing was published")
    assert stage.repository_variable() == ""
    (deployment,) = stage.cloud.railway.deployments()
    assert deployment["status"] in {"REMOVING", "REMOVED"}
    stage.mend("open")
    stage.require_converges()


def test_a_captive_page_with_200_is_no_health(stage: FaultStage) -> None:
    stage.hurry_the_gate()
    stage.spoil("html")
    result = stage.up()
    stage.require_refused(result, "Nothing was published")
    assert re.search(r"fail +health +\d+ ms .*JSON", result.output), result.output
    assert stage.repository_variable() == ""
    stage.mend("html")
    stage.require_converges()


def test_checks_that_cannot_run_change_nothing_and_the_next_run_judges(stage: FaultStage) -> None:
    stage.hurry_the_gate()
    stage.deployed()
    published = stage.repository_variable()
    stage.release()
    result = stage.up(SSL_CERT_FILE="")
    stage.require_refused(result, "cannot tell", "Nothing was changed or published; run again to judge it")
    assert stage.repository_variable() == published
    assert [each["status"] for each in stage.cloud.railway.deployments()].count("SUCCESS") == 1
    before = stage.deployments()
    stage.require_converges()
    assert stage.deployments() == before, "the same deployment is judged, not another one"
