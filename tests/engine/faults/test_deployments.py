"""Deployments that fail, hang, or are somebody else's: what is said of them, and what serves afterwards."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from localcloud.railway.state.model import Log
from pulumi_railway.handlers.deployment_follow import Limits
from pulumi_railway.redaction import MASK

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

SHORT = 2
"""A health check's patience in seconds, which Railway's own clock here does not hurry."""


LONG = 60
PATIENCE = 60.0


def until(stage: FaultStage, deployment: int, status: str) -> None:
    """Wait until a deployment, counted from the oldest or from behind, has this status."""
    end = time.monotonic() + PATIENCE
    while (found := stage.cloud.railway.deployments()[deployment]["status"]) != status:
        assert time.monotonic() < end, f"it is {found}, not {status}"
        time.sleep(0.02)


def serving(stage: FaultStage) -> str:
    """The deployment that answers at the domain."""
    with stage.client() as client:
        return client.get("/health").headers["x-gateway-deployment"]


def test_a_build_that_fails_shows_the_end_of_its_log_and_the_old_one_serves(stage: FaultStage) -> None:
    stage.deployed()
    good, published = serving(stage), stage.repository_variable()
    key = stage.secret_values()["OPENAI-API"]
    stage.workspace.change(
        "services/litellm-gateway/Dockerfile", "COPY", "RUN python -c 'raise SystemExit(4)'\nCOPY", "Break the build"
    )

    def plant() -> None:
        log = stage.cloud.railway.world.deployments[stage.deployments()[-1]].build_logs
        log[:0] = [Log(f"step {number}", "info") for number in range(60)]
        log.append(Log(f"using key {key}", "info"))

    stage.when("buildLogs", plant)
    result = stage.up()
    stage.require_refused(
        result,
        f"Deployment {stage.deployments()[-1]}: it FAILED in step BUILD_IMAGE",
        "python ended with exit status 4",
        "Check that rootDirectory holds the Dockerfile and that it builds. The last 50 log lines:",
        f"using key {MASK}",
        f"As before, deployment {good}",
        "Nothing was published",
    )
    assert "step 5\n" not in result.output
    assert (serving(stage), stage.repository_variable()) == (good, published)
    stage.workspace.change(
        "services/litellm-gateway/Dockerfile", "RUN python -c 'raise SystemExit(4)'\n", "", "Mend the build"
    )
    stage.require_converges()


def test_a_crash_loop_fails_at_the_second_crash_with_logs(stage: FaultStage) -> None:
    stage.spoil("crash")
    stage.change("import sys\n", "import sys\nimport time\n", "Know the time")
    stage.change("        sys.exit(f", "        time.sleep(0.5)\n        sys.exit(f", "Take a while to crash")
    result = stage.up()
    stage.require_refused(
        result,
        "its process crashed twice",
        f"cannot start with the key {MASK}",
        "Nothing serves",
        "Nothing was published",
    )
    world = stage.cloud.railway.world
    (deployment,) = world.deployments.values()
    crashes = [log for log in deployment.deploy_logs if "cannot start" in log.message]
    assert 2 <= len(crashes) <= 7, "it went on to the last of eleven starts"
    stage.mend("crash")
    stage.require_converges()


def test_a_health_check_that_never_passes_names_path_and_last_code(stage: FaultStage) -> None:
    stage.deployed()
    good = serving(stage)
    stage.set("healthcheckTimeout", str(SHORT))
    stage.spoil("never-healthy")
    result = stage.up()
    stage.require_refused(
        result,
        "in step HEALTHCHECK",
        f"/health never answered 200 within {SHORT} s",
        "status 503",
        "Check that the process listens on the port",
        good,
    )
    assert serving(stage) == good
    stage.set("healthcheckTimeout", str(LONG))
    stage.mend("never-healthy")
    stage.require_converges()


def test_a_gateway_on_another_port_is_hinted_at(stage: FaultStage) -> None:
    stage.set("healthcheckTimeout", str(SHORT))
    stage.change('int(os.environ["PORT"])', "0", "Listen anywhere")
    result = stage.up()
    stage.require_refused(
        result,
        "service unavailable",
        "Check that the process listens on the port given by PORT, on all addresses",
        "targetPort",
        "Nothing was published",
    )
    stage.set("healthcheckTimeout", str(LONG))
    stage.change('os.environ["HOST"], 0', 'os.environ["HOST"], int(os.environ["PORT"])', "Listen on the port given")
    stage.require_converges()


def test_a_root_directory_that_is_not_in_the_commit_stops_the_preview(stage: FaultStage) -> None:
    stage.set("rootDirectory", "services/moved")
    result = stage.preview()
    head = stage.cloud.working_copy.head[:12]
    stage.require_refused(result, f"services/moved/Dockerfile is not in commit {head}", "rootDirectory")
    assert stage.calls("railway") == []
    stage.set("rootDirectory", "services/litellm-gateway")
    stage.require_converges()


def test_a_deployment_that_does_not_begin_is_started_once_more(stage: FaultStage) -> None:
    stage.tempo.limits = replace(stage.tempo.limits, stuck=20.0)
    stage.behave(holds=["INITIALIZING"])
    result = stage.up()
    assert result.status == 0, result.output
    stuck, ours = stage.deployments()
    assert (
        f"Deployment {stuck} is INITIALIZING for 20 s. Starting it once more and cancelling this one." in result.output
    )
    assert serving(stage) == ours


def test_a_deployment_that_does_not_begin_twice_is_an_error(stage: FaultStage) -> None:
    stage.tempo.limits = replace(stage.tempo.limits, stuck=5.0)
    stage.behave(holds=["QUEUED", "QUEUED"])
    stage.when("deploymentCancel", lambda: until(stage, 0, "REMOVED"))
    result = stage.up()
    stage.require_refused(
        result, "is QUEUED for 5 s. Starting it again did not help; look at Railway's status page", "Nothing serves"
    )
    assert len(stage.deployments()) == 2
    stage.require_converges()


def test_a_deployment_that_waits_for_checks_is_waited_for(stage: FaultStage) -> None:
    stage.behave(holds=["WAITING"])
    stage.when("deployment", lambda: stage.cloud.railway.release(stage.deployments()[0]), call=3)
    result = stage.up()
    assert result.status == 0, result.output
    assert ": WAITING (" in result.output


def test_checks_that_never_pass_end_the_run_and_nothing_of_it_is_built_later(stage: FaultStage) -> None:
    stage.tempo.limits = replace(stage.tempo.limits, total=20.0)
    stage.behave(holds=["WAITING"])
    result = stage.up()
    (ours,) = stage.deployments()
    stage.require_refused(
        result,
        f"Deployment {ours} is not ready after 20 s; its status is WAITING. Railway waits for the checks of its commit",
        "See why they do not pass, then run again",
        "Nothing serves. Nothing was published",
    )
    until(stage, 0, "REMOVED")
    stage.tempo.limits = Limits()
    stage.require_converges()


def test_a_deployment_that_railway_skips_is_no_success(stage: FaultStage) -> None:
    stage.behave(holds=["SKIPPED"])
    result = stage.up()
    stage.require_refused(result, "is SKIPPED: Railway skipped it, so nothing was built", "Nothing was published")
    assert stage.repository_variable() == ""
    stage.require_converges()


def test_a_deployment_that_needs_approval_is_judged_once_it_has_it(stage: FaultStage) -> None:
    stage.behave(holds=["NEEDS_APPROVAL"])
    told = "it waits for somebody's approval in Railway: approve it there, then run again"
    for _ in range(2):
        stage.require_refused(stage.up(), f"is NEEDS_APPROVAL: {told}", "Nothing was published")
    assert stage.repository_variable() == ""
    (held,) = stage.deployments()
    stage.cloud.railway.release(held)
    stage.require_converges()
    assert stage.deployments() == [held]


def test_a_deployment_that_sleeps_serves(stage: FaultStage) -> None:
    stage.behave(holds=["SLEEPING"])
    result = stage.up()
    assert result.status == 0, result.output


def test_a_deployment_that_somebody_removes_is_told_as_that(stage: FaultStage) -> None:
    stage.behave(holds=["BUILDING"])
    railway = stage.cloud.railway

    def remove() -> None:
        with railway.world.lock:
            railway.rules.deployments.remove(next(iter(railway.world.deployments.values())))

    stage.when("deployment", remove)
    result = stage.up()
    stage.require_refused(result, "somebody removed it", "Nothing serves")
    stage.require_converges()


def test_a_push_that_replaces_ours_is_reported_and_not_taken_for_it(stage: FaultStage) -> None:
    stage.deployed()
    good = serving(stage)
    stage.release()
    stage.behave(holds=["BUILDING"])
    stage.when("deployment", stage.cloud.railway.deploy_by_hand)
    result = stage.up()
    ours, pushed = stage.deployments()[1:]
    stage.require_refused(
        result, f"Deployment {ours} is REMOV", f"deployment {pushed}", "was started by somebody else, e.g. by a push"
    )
    assert good != pushed
    stage.require_converges()


def test_a_push_while_ours_is_judged_leaves_the_verdict_to_what_serves(stage: FaultStage) -> None:
    stage.deployed()
    stage.release()

    def push() -> None:
        (pushed,) = stage.cloud.railway.deploy_by_hand()
        until(stage, -1, "SUCCESS")
        assert stage.deployments()[-1] == pushed

    stage.when("deployments", push, call=2)
    result = stage.up()
    ours, pushed = stage.deployments()[1:]
    stage.require_refused(
        result,
        f"Deployment {ours} is not accepted: deployment {pushed}",
        "took over while this one was judged, e.g. after a push",
        "Nothing was changed or published; run again to judge it",
    )
    assert serving(stage) == pushed
    stage.require_converges()
