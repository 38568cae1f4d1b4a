"""An environment for a pull request: a copy of the default one, and what a program adds to a service in it."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud.railway.state.model import LIVE, Source
from tests.engine.life.place import PORT, SERVICE
from tests.engine.life.subjects.deployment import GATE

if TYPE_CHECKING:
    from localcloud.railway.state.model import Deployment
    from tests.engine.life.conftest import MakeRun
    from tests.engine.life.life import Run
    from tests.engine.life.place import Place

pytestmark = pytest.mark.engine

PROGRAM = '''\
"""A copy of an environment in which a service has a variable, a domain and a deployment of its own."""

import json
import pathlib

import pulumi_railway as railway

wanted = json.loads((pathlib.Path(__file__).parent / "pull_request.json").read_text())
environment = railway.Environment("pull-request", project_id=wanted["project"], **wanted["environment"])
ids = {"project_id": wanted["project"], "environment_id": environment.environment_id}
service = railway.Service("web", **ids, name="web", adopt=True, draining_seconds=5)
place = {**ids, "service_id": service.service_id}
variables = railway.Variables("web", **place, variables={"STAGE": "pull request"})
if wanted["deployment"]:
    railway.Volume("web", **place, mount_path="/data", allow_destroy=True)
    domain = railway.ServiceDomain("web", **place, target_port=4000)
    triggers = {"variables": variables.revision}
    railway.Deployment("web", **place, endpoint=domain.url, triggers=triggers, **wanted["deployment"])
'''


def connect(place: Place) -> None:
    """A service that is built from the repository and serves in the default environment."""
    service_id, railway = place.make_service(), place.cloud.railway
    with railway.world.lock:
        source = Source(place.cloud.seed.github.repository, place.cloud.seed.github.branch)
        railway.rules.services.connect(railway.world.services[service_id], source)


def deployed(place: Place, environment_id: str) -> list[Deployment]:
    world = place.cloud.railway.world
    with world.lock:
        return [each for each in world.deployments.values() if each.environment_id == environment_id]


def prepared(place: Place, make_run: MakeRun, root: Path, skips: bool) -> Run:
    """A stack whose program asks for the copy, and without `skips` leaves its deployment to Railway."""
    connect(place)
    run = make_run("railway:index:Environment", "stack")
    run.environment = {**run.environment, "PYTHONPATH": str(root)}
    github, commit = place.cloud.seed.github, place.cloud.working_copy.head
    gate = {"command": [sys.executable, str(GATE), "{url}"], "timeoutSeconds": 30}
    ours = {"repository": github.repository, "branch": github.branch, "commit": commit, "gate": gate}
    copy = {"name": "pr-1", "source_environment_id": place.environment_id, "ephemeral": True}
    wanted = {
        "project": place.project_id,
        "environment": {**copy, "skip_initial_deploys": skips},
        "deployment": ours if skips else None,
    }
    (run.engine.workspace / "__main__.py").write_text(PROGRAM)
    (run.engine.workspace / "pull_request.json").write_text(json.dumps(wanted))
    return run


def made(run: Run) -> str:
    """The id of the environment in the state."""
    recorded = run.recorded()
    assert recorded is not None
    return str(recorded["outputs"]["environmentId"])


@pytest.mark.parametrize("skips", [True, False], ids=["deployed by us", "deployed by Railway"])
def test_a_copy_is_deployed_as_it_says(place: Place, make_run: MakeRun, root: Path, skips: bool) -> None:
    run, railway = prepared(place, make_run, root, skips), place.cloud.railway
    railway.seed({"behaviour": {"copy_lag": 0.2, "creation_interval": 0.1}})
    railway.world.creations.clock = itertools.chain([0.0, 0.05], itertools.count(10.0)).__next__
    railway.world.creations.take("environment", 0)
    before = place.variables(), place.settings(), len(deployed(place, place.environment_id))
    assert "environmentCreate: You are creating environments too quickly" in run.up().output

    copy = place.instance(SERVICE, made(run))
    assert railway.world.environments[copy.environment_id].name == "pr-1"
    assert {name: each.value for name, each in copy.variables.current.items()} == {
        **place.variables(),
        "STAGE": "pull request",
    }
    assert copy.settings.current == {**place.settings(), "drainingSeconds": 5}
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
    assert place.service(SERVICE) is not None, "it was deleted in the copy alone"


@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "destroyed"])
def test_one_that_railway_has_deleted_takes_everything_along(
    place: Place, make_run: MakeRun, root: Path, refreshed: bool
) -> None:
    """Railway deletes the environment of a pull request when that is closed."""
    run, railway = prepared(place, make_run, root, skips=True), place.cloud.railway
    run.up()
    with railway.world.lock:
        railway.rules.environments.delete(railway.world.environments[made(run)])
    if refreshed:
        assert run.refresh() == ["gone"]
        run.up()
        assert place.instance(SERVICE, made(run)).serving
    run.destroy()
    assert place.service(SERVICE) is not None
