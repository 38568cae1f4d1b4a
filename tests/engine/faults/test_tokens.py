"""Railway's tokens: refused half-way, of the wrong kind, or with few requests left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

PROJECT_TOKEN = "a project token (RAILWAY_TOKEN, header Project-Access-Token)"
API_TOKEN = "an account or workspace token (RAILWAY_API_TOKEN, header Authorization: Bearer)"
WORKSPACE_TOKEN = "4f1d0a52-workspace-token"


def test_a_token_that_is_revoked_half_way_stops_the_run(stage: FaultStage) -> None:
    stage.fault("variableCollectionUpsert", "revoke_token")
    result = stage.up()
    stage.require_refused(result, f"refused as {PROJECT_TOKEN}", "expired, revoked or mistyped", "Make a new one")
    kept = {each["type"] for each in json.loads(stage.state())["deployment"]["resources"]}
    assert "railway:index:Service" in kept
    assert stage.deployments() == []
    stage.cloud.railway.world.revoked.clear()
    stage.require_converges()


def test_a_token_of_the_wrong_kind_is_told_in_the_preview(stage: FaultStage) -> None:
    seed = stage.cloud.seed.railway
    stage.cloud.railway.seed({"workspaceTokens": [WORKSPACE_TOKEN]})
    for given in ({"RAILWAY_TOKEN": seed.account_token}, {"RAILWAY_TOKEN": WORKSPACE_TOKEN}):
        result = stage.preview(**given)
        stage.require_refused(result, f"The token given as {PROJECT_TOKEN} is {API_TOKEN}: set it as that")
        assert given["RAILWAY_TOKEN"] not in result.output
    result = stage.preview(RAILWAY_TOKEN="", RAILWAY_API_TOKEN=seed.project_token)
    stage.require_refused(result, f"The token given as {API_TOKEN} is {PROJECT_TOKEN}: set it as that")
    assert seed.project_token not in result.output
    assert stage.writes() == []


def test_a_token_that_is_none_is_told_in_the_preview(stage: FaultStage) -> None:
    result = stage.preview(RAILWAY_TOKEN="not-a-token")
    stage.require_refused(result, f"refused as {PROJECT_TOKEN}", "expired, revoked or mistyped")
    assert "not-a-token" not in result.output
    assert stage.writes() == []


def test_the_secret_of_the_token_is_judged_where_no_variable_holds_one(stage: FaultStage) -> None:
    stage.cloud.secret_manager.store.delete("RAILWAY-API")
    result = stage.preview(RAILWAY_TOKEN="")
    stage.require_refused(result, "secrets/RAILWAY-API/versions/latest", "gcloud secrets create RAILWAY-API")
    assert stage.calls("railway") == []


def test_without_a_token_in_a_variable_the_secret_is_used(stage: FaultStage) -> None:
    result = stage.up(RAILWAY_TOKEN="")
    assert result.status == 0, result.output
    assert stage.secret_values()["RAILWAY-API"] not in stage.state() + result.output


def test_a_first_update_fits_into_the_hour_of_the_free_plan(stage: FaultStage) -> None:
    stage.behave(requests_per_hour=100)
    result = stage.up()
    assert result.status == 0, result.output
    assert len(stage.calls("railway")) <= 60
    assert "requests are left in this hour: looking every" in result.output


def test_a_limit_that_is_used_up_ends_the_run_with_the_time_to_come_back(stage: FaultStage) -> None:
    stage.behave(requests_per_hour=8)
    result = stage.up()
    stage.require_refused(result, "the limit resets at", "stays in the state")
    stage.behave(requests_per_hour=10_000)
    stage.require_converges()
