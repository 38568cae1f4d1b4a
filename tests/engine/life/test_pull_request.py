"""An environment for a pull request: a copy of the default one, and what a program adds to a service in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway.state.model import LIVE, Source
from tests.engine.life.place import PORT, SERVICE
from tests.engine.life.subjects import GATE

if TYPE_CHECKING:
    from localcloud.railway.state.model import Deployment
    from tests.engine.life.conftest import MakeRun
    from tests.engine.life.place import Place

pytestmark = pytest.mark.engine

PROGRAM = '''\
"""A copy of an environment in which a service has a variable, a domain and a deployment of its own."""

import json
import pathlib

import pulumi_railway as railway

wanted = json.loads((pathlib.Path(__file__).parent / "pull_request.json").read_text())
environment = railway.Environment("pull-request", project_id=wanted["project"], **wanted["environment"])
place = {"project_id": wanted["project"], "environment_id": environment.environment_id, "service_id": wanted["service"]}
variables = railway.Variables("web", **place, variables={"STAGE": "pull request"})
if wanted["deployment"]:
    domain = railway.ServiceDomain("web", **place, target_port=4000)
    triggers = {"variables": variables.revision}
    railway.Deployment("web", **place, endpoint=domain.url, triggers=triggers, **wanted["deployment"])
'''


def connect(place: Place) -> str:
    """A service that is built from the repository and serves in the default environment; its id."""
    service_id, railway = place.make_service(), place.cloud.railway
    with railway.world.lock:
        source = Source(place.cloud.seed.github.repository, place.cloud.seed.github.branch)
        railway.rules.services.connect(railway.world.services[service_id], source)
    return service_id


def deployed(place: Place, environment_id: str) -> list[Deployment]:
    world = place.cloud.railway.world
    with world.lock:
        return [each for each in world.deployments.values() if each.environment_id == environment_id]


@pytest.mark.parametrize("skips", [True, False], ids=["deployed by us", "deployed by Railway"])
def test_a_copy_is_deployed_as_it_says(place: Place, make_run: MakeRun, root: Path, skips: bool) -> None:
    service_id, railway = connect(place), place.cloud.railway
    run = make_run("railway:index:Environment", "stack")
    run.environment = {**run.environment, "PYTHONPATH": str(root)}
    wanted: dict[str, Any] = {"name": "pr-1", "source_environment_id": place.environment_id, "ephemeral": True}
    github, commit = place.cloud.seed.github, place.cloud.working_copy.head
    gate = {"command": [sys.executable, str(GATE), "{url}"], "timeoutSeconds": 30}
    ours = {"repository": github.repository, "branch": github.branch, "commit": commit, "gate": gate}
    program = {
        "project": place.project_id,
        "service": service_id,
        "environment": {**wanted, "skip_initial_deploys": skips},
        "deployment": ours if skips else None,
    }
    (run.engine.workspace / "__main__.py").write_text(PROGRAM)
    (run.engine.workspace / "pull_request.json").write_text(json.dumps(program))
    railway.seed({"behaviour": {"copy_lag": 0.2, "creation_interval": 0.1}})
    railway.world.creations.clock = iter([0.0, 0.05, 10.0]).__next__
    railway.world.creations.take("environment", 0)
    before = place.variables(), place.settings(), len(deployed(place, place.environment_id))
    assert "environmentCreate: You are creating environments too quickly" in run.up().output

    recorded = run.recorded()
    assert recorded is not None
    copy = place.instance(SERVICE, recorded["outputs"]["environmentId"])
    assert railway.world.environments[copy.environment_id].name == "pr-1"
    assert {name: each.value for name, each in copy.variables.current.items()} == {
        **place.variables(),
        "STAGE": "pull request",
    }
    [only] = deployed(place, copy.environment_id)
    assert ("STAGE" in only.captured.variables) == skips, "ours comes after the variables, that of Railway before them"
    if skips:
        assert only.status in LIVE
        assert copy.serving == only.id
        assert (domain := railway.world.domain_of(copy)) is not None
        assert domain.target_port == PORT
    run.up("--expect-no-changes")
    run.destroy()
    assert copy.environment_id not in railway.world.environments
    assert (place.variables(), place.settings(), len(deployed(place, place.environment_id))) == before
