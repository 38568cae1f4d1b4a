"""`Deployment`: one that fails, answers that are lost, and interrupts."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.deployment import DeploymentHandler
from pulumi_railway.handlers.deployment_follow import Limits
from pulumi_railway.redaction import MASK
from tests.contract.pulumi_railway.deployment.what_serves import (
    eventually,
    serve_before_the_cancellation,
    serving,
    started,
)

pytestmark = pytest.mark.contract

DEPLOYMENT = HANDLERS["railway:index:Deployment"]


class TestFailed:
    def test_a_failing_build_shows_its_log_and_the_old_one_serves(self, stack: Any, cloud: Any, failing: Any) -> None:
        accepted = stack.up("Deployment").outputs
        cloud.repository.release("two", dockerfile="FROM python:3.11-slim\nCOPY nothing-here /app\nCMD ['x']\n")
        failure = failing("Deployment")
        assert "in step BUILD_IMAGE" in failure.reasons[0]
        assert "log lines:" in failure.reasons[0]
        assert "As before, deployment" in failure.reasons[0]
        assert failure.state.outputs["deploymentId"] == accepted["deploymentId"]
        assert serving(stack).text.startswith("one")

    def test_a_build_that_fails_shows_its_lines_and_no_secret(self, stack: Any, cloud: Any, failing: Any) -> None:
        lines = ["resolving", "401 for the key sk-API-payload-0001", "exit code 1 with sk-API-payload-0001"]
        cloud.railway.seed({"behaviour": {"build_failure": lines}})
        reason = failing("Deployment").reasons[0]
        assert "in step BUILD_IMAGE" in reason
        assert f"401 for the key {MASK}" in reason
        assert "sk-API-payload" not in f"{reason}{cloud.messages.text}"
        again = DEPLOYMENT.update(cloud.context(), stack.states["Deployment"], stack.states["Deployment"].inputs)
        assert again.outputs["url"]

    def test_a_push_that_was_skipped_is_no_deployment_of_ours(self, stack: Any, cloud: Any) -> None:
        stack.up("Service", watchPatterns=["other/**"])
        before = stack.up("Deployment").outputs["deploymentId"]
        instance = next(iter(cloud.railway.world.instances.values()))
        instance.auto_deploy = True
        cloud.repository.release("two")
        (skipped,) = cloud.railway.push()
        assert eventually(lambda: started(cloud)[-1]["status"] == "SKIPPED")
        cloud.reconnect()
        assert stack.refresh("Deployment").outputs["deploymentId"] == before
        assert stack.up("Deployment").outputs["deploymentId"] not in {before, skipped}
        assert serving(stack).text.startswith("two")

    def test_a_process_that_cannot_start_tells_no_secret(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Variables", variables={"PORT": "4000", "CRASH": "1"})
        cloud.reconnect()  # the later run never read the payload
        failure = failing("Deployment")
        assert f"cannot start with key {MASK}" in failure.reasons[0]
        assert "sk-API" not in failure.reasons[0]
        assert "Nothing serves. Nothing was published." in failure.reasons[0]

    def test_a_health_check_that_never_passes_names_the_port(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Service", healthcheckTimeout=1)
        app = "import time; time.sleep(60)"
        cloud.repository.release(f'one"\n{app}\n"')
        failure = failing("Deployment")
        assert "in step HEALTHCHECK" in failure.reasons[0]
        assert "listens on the port given by PORT" in failure.reasons[0]

    def test_a_build_that_falls_while_it_is_judged_is_refused(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Service", restartPolicyType="NEVER")
        crash = "import sys, time, urllib.request as r\ntry: r.urlopen(sys.argv[1] + '/crash')\nexcept OSError: pass\n"
        stack.gate = ["python", "-c", f"{crash}time.sleep(1)\nraise SystemExit(2)", "{url}"]
        failure = failing("Deployment")
        assert "it CRASHED while it was judged" in failure.reasons[0]
        assert "Nothing serves. Nothing was published." in failure.reasons[0]

    @pytest.mark.parametrize(("status", "told"), [("NEEDS_APPROVAL", "approve it there, then run again")])
    def test_other_ends_have_their_own_message(
        self, stack: Any, cloud: Any, failing: Any, status: str, told: str
    ) -> None:
        cloud.railway.seed({"behaviour": {"holds": [status]}})
        assert told in failing("Deployment").reasons[0]

    def test_a_stuck_deployment_is_started_once_more(self, stack: Any, cloud: Any) -> None:
        cloud.railway.seed({"behaviour": {"holds": ["QUEUED"]}})
        handler = DeploymentHandler(limits=Limits(stuck=0.5))
        state = handler.create(cloud.context(), stack.inputs("Deployment"))
        assert state.outputs["acceptedAt"]
        assert "Starting it once more" in cloud.messages.text
        assert {each["status"] for each in started(cloud)} == {"REMOVED", "SUCCESS"}

    def test_stuck_twice_is_an_error(self, stack: Any, cloud: Any) -> None:
        cloud.railway.seed({"behaviour": {"holds": ["QUEUED", "QUEUED"]}})
        handler = DeploymentHandler(limits=Limits(stuck=0.5))
        with pytest.raises(Exception, match="Starting it again did not help"):
            handler.create(cloud.context(), stack.inputs("Deployment"))
        assert eventually(lambda: {each["status"] for each in started(cloud)} == {"REMOVED"})

    def test_the_time_is_limited_and_nothing_goes_live_afterwards(self, stack: Any, cloud: Any) -> None:
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        with pytest.raises(Exception, match=r"is not ready after 1 s; its status is BUILDING"):
            DEPLOYMENT.create(cloud.context(timeout=1.0), stack.inputs("Deployment"))
        assert eventually(lambda: started(cloud)[0]["status"] == "REMOVED")

    def test_one_that_serves_before_it_is_cancelled_is_taken_offline(self, stack: Any, cloud: Any) -> None:
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        serve_before_the_cancellation(cloud)
        with pytest.raises(Exception, match=r"None was accepted before: .* is taken offline"):
            DEPLOYMENT.create(cloud.context(timeout=1.0), stack.inputs("Deployment"))
        assert started(cloud)[0]["status"] in {"REMOVING", "REMOVED"}


class TestLostAnswers:
    def test_to_the_connect(self, stack: Any, cloud: Any) -> None:
        cloud.fault("serviceConnect", "drop_after")
        stack.up("Deployment")
        assert len(started(cloud)) == 1

    def test_to_a_connect_that_never_arrived(self, stack: Any, cloud: Any) -> None:
        cloud.fault("serviceConnect", "drop_before")
        with pytest.raises(UserError, match="not connected, so nothing was started: run again"):
            stack.up("Deployment")
        stack.up("Deployment")
        assert len(started(cloud)) == 1

    def test_to_the_deploy(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        cloud.fault("serviceInstanceDeployV2", "drop_after")
        stack.up("Deployment")
        assert len(started(cloud)) == 2
        assert serving(stack).text.startswith("two")

    def test_to_a_deploy_that_never_arrived(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        cloud.fault("serviceInstanceDeployV2", "drop_before")
        with pytest.raises(UserError, match="none was started: run again"):
            stack.up("Deployment")
        stack.up("Deployment")
        assert len(started(cloud)) == 2

    def test_to_polls(self, stack: Any, cloud: Any) -> None:
        for _ in range(3):
            cloud.fault("deployment", "status", code=502, body="<html>")
        stack.up("Deployment")
        assert len(started(cloud)) == 1


class TestInterrupts:
    def test_an_interrupted_wait_is_taken_up_by_the_next_run(self, stack: Any, cloud: Any, failing: Any) -> None:
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        timer = threading.Timer(0.5, cloud.cancelled.set)
        timer.start()
        failure = failing("Deployment")
        timer.join()
        assert "Interrupted" in failure.reasons[0]
        cloud.cancelled.clear()
        recorded = failure.state.outputs["deploymentId"]
        cloud.railway.release(recorded)
        state = DEPLOYMENT.update(cloud.context(), stack.states["Deployment"], stack.inputs("Deployment"))
        assert state.outputs["deploymentId"] == recorded
        assert len(started(cloud)) == 1
