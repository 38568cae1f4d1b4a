"""Writes that are lost half-way: nothing is done twice, and nothing of ours is forgotten."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from localcloud.demo.stage import SERVICE

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

ONCE = ("serviceCreate", "serviceDomainCreate", "serviceConnect")
"""Writes of a first update that Railway would do twice."""


def test_writes_that_took_effect_without_an_answer_are_found_and_not_repeated(stage: FaultStage) -> None:
    for operation in (*ONCE, "variableCollectionUpsert"):
        stage.fault(operation, "drop_after")
    result = stage.up()
    assert result.status == 0, result.output
    assert "It may have taken effect" in result.output
    assert stage.cloud.faults.list() == []
    assert [stage.writes().count(operation) for operation in ONCE] == [1, 1, 1]
    assert len(stage.deployments()) == 1
    (service,) = stage.cloud.railway.state()["services"]
    assert len(service["domains"]) == 1


def test_a_deployment_that_started_without_an_answer_is_found_and_not_repeated(stage: FaultStage) -> None:
    stage.deployed()
    stage.release()
    stage.fault("serviceInstanceDeployV2", "drop_after")
    result = stage.up()
    assert result.status == 0, result.output
    assert "Looking whether a deployment was started" in result.output
    assert len(stage.deployments()) == 2


def test_a_service_that_never_got_into_the_state_is_known_by_its_marker(stage: FaultStage) -> None:
    before = stage.directory / "before"
    state = stage.directory / "state"
    stage.when("serviceCreate", lambda: shutil.copytree(state, before, ignore=shutil.ignore_patterns("*lock*")))
    stage.fault("variableCollectionUpsert", "graphql_error", message="Problem processing request")
    assert stage.up().status != 0
    (made,) = stage.cloud.railway.state()["services"]
    shutil.rmtree(state)
    before.rename(state)
    stage.cloud.calls.clear()
    result = stage.up()
    assert result.status == 0, result.output
    assert f"Service {SERVICE} ({made['id']}) is there already and is taken over" in result.output
    assert "serviceCreate" not in stage.writes()
    stage.require_nothing_to_do()


def test_somebody_elses_service_of_that_name_is_not_touched(stage: FaultStage) -> None:
    stage.cloud.railway.seed({"services": [{"name": SERVICE}]})
    (foreign,) = stage.cloud.railway.state()["services"]
    for result in (stage.preview(), stage.up()):
        stage.require_refused(
            result,
            f"Service {SERVICE} exists in project delightful-cat with id {foreign['id']} and was not made by this",
            f"pulumi import railway:index:Service {SERVICE} ",
            f"/{foreign['id']}",
            "nothing was changed",
        )
    assert stage.writes() == []


def test_a_repository_that_cannot_be_connected_leaves_a_state_to_go_on_from(stage: FaultStage) -> None:
    stage.fault("serviceConnect", "graphql_error", message="User does not have access to the repo", times=2)
    result = stage.up()
    stage.require_refused(
        result,
        "Railway, serviceConnect: User does not have access to the repo",
        "edri2or-commits/project38-or",
        "GitHub app",
        "run again; what was finished stays in the state",
    )
    assert stage.repository_variable() == ""
    kept = {each["type"] for each in json.loads(stage.state())["deployment"]["resources"]}
    assert {"railway:index:Service", "railway:index:Variables", "railway:index:ServiceDomain"} <= kept
    assert stage.up().status != 0
    stage.require_converges()


def test_what_was_made_before_a_failure_is_destroyed(stage: FaultStage) -> None:
    stage.fault("serviceConnect", "graphql_error", message="User does not have access to the repo")
    assert stage.up().status != 0
    gone = stage.destroy()
    assert gone.status == 0, gone.output
    assert stage.leftovers() == []
