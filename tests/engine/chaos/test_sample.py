"""A sample of `make chaos`: the real program, ended at one point of each kind, and run again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos import survival
from chaos.points import Event, Point, Signal
from chaos.scenarios import BY_NAME
from chaos.worker import Worker
from localcloud.core.faults import Moment
from localcloud.demo.stage import SERVICE, Stage

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("scenario", "signal", "moment", "where"),
    [
        ("first-up", "SIGKILL", "after", "railway serviceCreate 1"),
        ("destroy", "SIGKILL", "after", "railway serviceDelete 1"),
        ("first-up", "SIGKILL", "after", "github CreateVariable 1"),
        ("destroy", "SIGINT", "before", "state write 2"),
        ("first-up", "SIGINT", "before", "railway serviceConnect 1"),
        ("update", "SIGKILL", "after", "railway serviceInstanceDeployV2 1"),
        ("update", "SIGKILL", "before", "gate judges 1"),
        ("rotation", "SIGKILL", "after", "railway variableCollectionUpsert 1"),
        ("refused", "SIGKILL", "after", "railway deploymentRollback 1"),
        ("update", "SIGINT", "after", "state write 1"),
    ],
)
def test_it_survives(worker: Worker, scenario: str, signal: Signal, moment: Moment, where: str) -> None:
    service, operation, count = where.split()
    outcome = worker.attempt(Point("embedded", scenario, signal, Event(service, operation, int(count)), moment))
    assert outcome.survived, "\n".join(outcome.problems)


def test_a_deployment_too_many_is_a_problem(worker: Worker) -> None:
    def deploy_too(stage: Stage) -> None:
        stage.cloud.railway.deploy_by_hand()

    scenario = replace(BY_NAME["rotation"], mend=deploy_too)
    worker._prepare(scenario)
    assert worker._recovered(scenario) == ["the next run made 2 deployments; 1 would have done"]


def test_what_is_not_as_it_should_be_is_a_problem(worker: Worker) -> None:
    stage = worker.stage
    result = stage.engine.up(stage.environment())
    assert list(survival.after_the_next_run(stage, result, deployed=True)) == []

    stage.cloud.railway.deploy_by_hand()
    assert "the state says that" in str(list(survival.after_the_next_run(stage, result, deployed=True)))
    stage.cloud.railway.seed({"services": [{"name": SERVICE}]})
    assert f"there are the services ['{SERVICE}', '{SERVICE}']" in str(
        list(survival.after_the_next_run(stage, result, deployed=True))
    )
    assert "left over: LITELLM_GATEWAY_URL" in list(survival.after_the_next_run(stage, result, deployed=False))
