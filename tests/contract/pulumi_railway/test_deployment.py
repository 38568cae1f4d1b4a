"""`Deployment`: accepted, refused, cannot tell; and what serves afterwards."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, State
from pulumi_railway.handlers.deployment import DeploymentHandler
from pulumi_railway.handlers.deployment_follow import Limits
from pulumi_railway.redaction import MASK

pytestmark = pytest.mark.contract

DEPLOYMENT = HANDLERS["railway:index:Deployment"]


@pytest.fixture(autouse=True)
def others(stack: Any, cloud: Any) -> None:
    for name in ("Service", "Variables", "ServiceDomain"):
        stack.up(name)
    cloud.calls.clear()


def started(cloud: Any) -> list[dict[str, Any]]:
    return list(cloud.railway.deployments())


def serving(stack: Any) -> httpx.Response:
    """The answer of the build that serves now, once the edge has swapped."""
    url = stack.states["ServiceDomain"].outputs["url"]
    assert eventually(lambda: httpx.get(url).status_code == 200)
    return httpx.get(url)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def serve_before_the_cancellation(cloud: Any) -> None:
    """The deployment that was started last serves when it is to be cancelled."""

    async def finish(service: str, operation: str, moment: str) -> bool:
        if (service, operation, moment) == ("railway", "deploymentCancel", "before"):
            cloud.railway.release(started(cloud)[-1]["id"])
            await asyncio.to_thread(eventually, lambda: started(cloud)[-1]["status"] == "SUCCESS")
        return True

    cloud.faults.watch = finish


class TestAccepted:
    def test_the_url_is_given_away_with_evidence(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment")
        outputs = state.outputs
        assert outputs["url"] == outputs["endpoint"]
        assert outputs["commit"] == cloud.repository.head
        assert json.loads(outputs["evidence"])["seen"] == outputs["deploymentId"]
        assert "the build that answers says one" in cloud.messages.text
        assert "(0 s)" in cloud.messages.text

    def test_the_gate_gets_its_secret_and_not_this_process_environment(
        self, stack: Any, cloud: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", "/never/seen")
        evidence = json.loads(stack.up("Deployment").outputs["evidence"])
        assert evidence["key"] == MASK
        assert evidence["home"] is None

    def test_a_second_release_remembers_the_first(self, stack: Any, cloud: Any) -> None:
        first = stack.up("Deployment").outputs["deploymentId"]
        cloud.calls.clear()
        cloud.repository.release("two")
        second = stack.up("Deployment").outputs
        assert second["previousDeploymentId"] == first
        assert cloud.operations("mutation") == ["serviceInstanceAutoDeployUpdate", "serviceInstanceDeployV2"]
        assert serving(stack).text.startswith("two")

    def test_only_triggers_repository_branch_and_endpoint_matter(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        assert stack.changes("Deployment", commit="1" * 40, gate=None) == []
        assert stack.changes("Deployment", triggers={"a": "b"}) == ["triggers"]
        assert stack.changes("Deployment", triggers={"a": UNKNOWN}) == ["triggers"]
        assert stack.changes("Deployment", endpoint="https://a.example.org") == ["endpoint"]

    def test_a_new_endpoint_is_judged_without_a_deployment(self, stack: Any, cloud: Any) -> None:
        first = stack.up("Deployment").outputs
        renamed = first["url"].replace("127.0.0.1", "localhost")
        second = stack.up("Deployment", endpoint=renamed).outputs
        assert (second["url"], second["deploymentId"]) == (renamed, first["deploymentId"])
        assert len(started(cloud)) == 1

    @pytest.mark.parametrize("status", [1, 2])
    def test_one_that_was_accepted_before_goes_on_serving_whatever_a_new_judgement_says(
        self, stack: Any, cloud: Any, failing: Any, status: int
    ) -> None:
        first = stack.up("Deployment").outputs
        stack.gate = ["python", "-c", f"raise SystemExit({status})"]
        cloud.calls.clear()
        failure = failing("Deployment", endpoint=first["url"].replace("127.0.0.1", "localhost"))
        assert "goes on serving as before" in failure.reasons[0]
        assert cloud.operations("mutation") == []
        assert failure.state.outputs["url"] == first["url"]
        assert failure.state.outputs["acceptedAt"] == first["acceptedAt"]
        cloud.repository.release("two")
        stack.gate = ["python", "-c", "pass"]
        assert stack.up("Deployment").outputs["previousDeploymentId"] == first["deploymentId"]

    def test_without_an_endpoint_serving_is_enough_and_there_is_no_url(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment", gate=None, endpoint=None)
        assert state.outputs["acceptedAt"]
        assert "url" not in state.outputs
        assert started(cloud)[0]["status"] == "SUCCESS"
        assert "url" not in DEPLOYMENT.preview(cloud.context(), state, state.inputs)

    def test_a_gate_needs_an_endpoint(self, stack: Any, cloud: Any) -> None:
        inputs = {**stack.inputs("Deployment"), "endpoint": None}
        failures = DEPLOYMENT.check(None, inputs).failures
        assert [(each.property, each.reason) for each in failures] == [("endpoint", "is missing")]

    def test_without_a_gate_serving_is_enough(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment", gate=None)
        assert state.outputs["acceptedAt"]
        assert "evidence" not in state.outputs


class TestRefused:
    def test_the_first_one_ever_is_taken_offline(self, stack: Any, cloud: Any, failing: Any) -> None:
        cloud.repository.release("bad")
        failure = failing("Deployment")
        assert "the gate refused it" in failure.reasons[0]
        assert "None was accepted before" in failure.reasons[0]
        assert "is taken offline. Nothing was published" in failure.reasons[0]
        assert "url" not in failure.state.outputs
        assert json.loads(failure.state.outputs["evidence"])["text"].startswith("bad")
        assert httpx.get(stack.states["ServiceDomain"].outputs["url"]).status_code in {404, 502}
        cloud.repository.release("good")
        assert stack.up("Deployment").outputs["url"]
        assert serving(stack).text.startswith("good")

    def test_a_later_one_is_rolled_back_and_the_url_stays(self, stack: Any, cloud: Any, failing: Any) -> None:
        accepted = stack.up("Deployment").outputs
        cloud.repository.release("bad")
        failure = failing("Deployment")
        assert "Rolled back: deployment" in failure.reasons[0]
        assert failure.state.outputs["url"] == accepted["url"]
        assert failure.state.outputs["acceptedAt"] == accepted["acceptedAt"]
        answer = serving(stack)
        assert answer.text.startswith("one")
        assert answer.headers["x-gateway-deployment"] == failure.state.outputs["deploymentId"]
        assert stack.changes("Deployment") == ["triggers"]

    def test_after_a_rollback_a_good_release_is_deployed(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("bad")
        failing("Deployment")
        cloud.repository.release("two")
        stack.up("Deployment")
        assert serving(stack).text.startswith("two")

    def test_after_a_rollback_the_old_release_needs_no_deployment(self, stack: Any, cloud: Any, failing: Any) -> None:
        before = stack.up("Deployment")
        cloud.repository.release("bad")
        failing("Deployment")
        count = len(started(cloud))
        again = DEPLOYMENT.update(cloud.context(), stack.states["Deployment"], before.inputs)
        assert len(started(cloud)) == count
        assert again.outputs["acceptedAt"]

    def test_a_rollback_leaves_the_variables_of_the_present(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.manager.add_version("API", "sk-rotated-payload-9")
        rotated = {"variables": {"PORT": "4000", "NEW": "x"}, "secrets": {"API_KEY": cloud.reference("API", 2)}}
        stack.up("Variables", **rotated)
        cloud.repository.release("bad")
        failing("Deployment")
        assert stack.refresh("Variables").inputs["secrets"] == rotated["secrets"]
        assert stack.changes("Variables", **rotated) == []
        cloud.repository.release("two")
        state = stack.up("Deployment")
        assert cloud.railway.captured(state.outputs["deploymentId"])["API_KEY"] == "sk-rotated-payload-9"

    def test_a_variable_that_was_taken_away_does_not_come_back(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Variables", variables={"PORT": "4000", "OLD": "x"})
        stack.up("Deployment")
        stack.up("Variables")
        cloud.repository.release("bad")
        failing("Deployment")
        assert "OLD" not in cloud.railway.state()["services"][0]["variables"]

    def test_it_waits_until_the_old_one_has_handed_over(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Service", overlapSeconds=1)
        stack.up("Deployment")
        cloud.repository.release("two")
        stack.gate = ["python", "-c", "raise SystemExit(1)"]
        assert "Rolled back" in failing("Deployment").reasons[0]

    def test_an_image_that_is_gone_is_built_anew(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("bad")
        cloud.railway.seed({"behaviour": {"image_retention": 0}})
        failure = failing("Deployment")
        assert "The last accepted commit was built anew" in failure.reasons[0]
        assert "rollback" not in {each["reason"] for each in started(cloud)}
        assert serving(stack).text.startswith("one")

    def test_an_image_that_expires_before_the_rollback_is_built_anew(
        self, stack: Any, cloud: Any, failing: Any
    ) -> None:
        stack.up("Deployment")
        cloud.repository.release("bad")
        cloud.fault("deploymentRollback", "graphql_error", message="Deployment cannot be rolled back to")
        failure = failing("Deployment")
        assert "deploymentRollback: Deployment cannot be rolled back to" in cloud.messages.text
        assert "The last accepted commit was built anew" in failure.reasons[0]
        assert serving(stack).text.startswith("one")
        cloud.repository.release("two")
        stack.up("Deployment")
        assert serving(stack).text.startswith("two")

    def test_a_lost_answer_to_the_build_on_the_way_back_builds_once(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("bad")
        cloud.railway.seed({"behaviour": {"image_retention": 0}})
        cloud.fault("serviceInstanceDeployV2", "drop_after", skip=1)
        failure = failing("Deployment")
        assert "Looking whether a deployment was started" in cloud.messages.text
        assert "The last accepted commit was built anew" in failure.reasons[0]
        assert len(started(cloud)) == 3
        assert serving(stack).headers["x-gateway-deployment"] == failure.state.outputs["deploymentId"]

    def test_a_lost_answer_to_the_rollback_is_resolved_by_looking(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("bad")
        cloud.fault("deploymentRollback", "drop_after")
        assert "Rolled back" in failing("Deployment").reasons[0]
        assert [each["reason"] for each in started(cloud)].count("rollback") == 1

    def test_an_adopted_service_goes_back_to_what_served_before(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        del stack.states["Deployment"]
        cloud.railway.edit_variable("web", "PULUMI_OWNER", None)
        cloud.repository.release("bad")
        failure = failing("Deployment")
        assert "Rolled back" in failure.reasons[0]
        assert "url" not in failure.state.outputs
        assert serving(stack).text.startswith("one")


class TestCannotTell:
    @pytest.fixture
    def accepted(self, stack: Any) -> dict[str, Any]:
        return dict(stack.up("Deployment").outputs)

    def test_nothing_is_touched_and_the_next_run_judges_again(
        self, stack: Any, cloud: Any, failing: Any, accepted: dict[str, Any]
    ) -> None:
        cloud.repository.release("odd")
        cloud.calls.clear()
        failure = failing("Deployment")
        assert "the gate ended with exit status 2" in failure.reasons[0]
        assert "run again to judge it" in failure.reasons[0]
        assert failure.state.outputs["url"] == accepted["url"]
        assert "acceptedAt" not in failure.state.outputs
        assert cloud.operations("mutation") == ["serviceInstanceAutoDeployUpdate", "serviceInstanceDeployV2"]
        assert serving(stack).text.startswith("odd")
        stack.gate = ["python", "-c", "pass"]
        after = stack.up("Deployment").outputs
        assert after["deploymentId"] == failure.state.outputs["deploymentId"]
        assert after["previousDeploymentId"] == accepted["deploymentId"]
        assert len(started(cloud)) == 2

    def test_after_it_a_refusal_still_goes_back_to_the_accepted_one(
        self, stack: Any, cloud: Any, failing: Any, accepted: dict[str, Any]
    ) -> None:
        cloud.repository.release("odd")
        failing("Deployment")
        stack.gate = ["python", "-c", "raise SystemExit(1)"]
        assert "Rolled back" in failing("Deployment").reasons[0]
        assert serving(stack).text.startswith("one")

    def test_after_it_an_accepted_one_whose_image_is_gone_is_built_anew(
        self, stack: Any, cloud: Any, failing: Any, accepted: dict[str, Any]
    ) -> None:
        cloud.repository.release("odd")
        failing("Deployment")
        cloud.railway.seed({"behaviour": {"image_retention": 0}})
        stack.gate = ["python", "-c", "raise SystemExit(1)"]
        assert "The last accepted commit was built anew" in failing("Deployment").reasons[0]
        assert serving(stack).text.startswith("one")

    @pytest.mark.parametrize(
        ("command", "told"),
        [
            (["no-such-program"], "the gate no-such-program does not start: No such file"),
            (["python", "-c", "import os; os.kill(os.getpid(), 9)"], "by signal SIGKILL"),
        ],
    )
    def test_a_gate_that_does_not_work_is_no_refusal(
        self, stack: Any, cloud: Any, failing: Any, command: list[str], told: str
    ) -> None:
        stack.gate = command
        assert told in failing("Deployment").reasons[0]
        assert serving(stack).status_code == 200


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


class TestOthers:
    def test_a_push_that_replaces_ours_is_named(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        pushed: list[str] = []

        def push() -> None:
            assert eventually(lambda: "BUILDING" in [each["status"] for each in started(cloud)])
            pushed.extend(cloud.railway.deploy_by_hand())

        thread = threading.Thread(target=push)
        thread.start()
        failure = failing("Deployment")
        thread.join()
        assert f"deployment {pushed[0]} of commit" in failure.reasons[0]
        assert "was started by somebody else, e.g. by a push" in failure.reasons[0]

    def test_a_push_while_it_is_judged_is_told_and_not_accepted(
        self, stack: Any, cloud: Any, failing: Any, tmp_path: Any
    ) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        gone = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.05)"
        stack.gate = ["python", "-c", gone]
        pushed: list[str] = []

        def push() -> None:
            assert eventually(lambda: cloud.messages.text.count("Judging") > 1)
            pushed.extend(cloud.railway.deploy_by_hand())
            assert eventually(lambda: started(cloud)[-1]["status"] == "SUCCESS")
            (tmp_path / "go").touch()

        thread = threading.Thread(target=push)
        thread.start()
        failure = failing("Deployment")
        thread.join()
        assert f"{pushed[0]} of commit" in failure.reasons[0]
        assert "took over while this one was judged" in failure.reasons[0]

    def test_a_push_afterwards_deploys_nothing(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        assert cloud.railway.push() == []

    def test_pushes_that_railway_goes_on_to_deploy_are_warned_of(self, stack: Any, cloud: Any) -> None:
        cloud.fault("serviceInstanceAutoDeployUpdate", "graphql_error", message="Not available on this plan")
        stack.up("Deployment")
        assert "Railway goes on to deploy pushes, unjudged: " in cloud.messages.text

    def test_pushes_switched_on_by_hand_are_drift_and_switched_off_without_a_deployment(
        self, stack: Any, cloud: Any
    ) -> None:
        accepted = stack.up("Deployment").outputs
        instance = next(iter(cloud.railway.world.instances.values()))
        instance.auto_deploy = True
        assert stack.refresh("Deployment").outputs["autoDeploy"] is True
        assert stack.changes("Deployment") == ["autoDeploy"]
        shown = DEPLOYMENT.preview(cloud.context(), stack.states["Deployment"], stack.inputs("Deployment"))
        assert shown["deploymentId"] == accepted["deploymentId"]
        cloud.calls.clear()
        assert stack.up("Deployment").outputs == accepted
        assert cloud.operations() == ["serviceInstanceAutoDeployUpdate"]
        assert not instance.auto_deploy
        assert cloud.messages.text.count("Judging") == len(started(cloud)) == 1

    def test_pushes_are_switched_off_beside_another_change_too(self, stack: Any, cloud: Any) -> None:
        first = stack.up("Deployment").outputs
        instance = next(iter(cloud.railway.world.instances.values()))
        instance.auto_deploy = True
        stack.refresh("Deployment")
        stack.up("Deployment", endpoint=first["url"].replace("127.0.0.1", "localhost"))
        assert not instance.auto_deploy
        assert len(started(cloud)) == 1

    def test_pushes_may_be_left_on(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment", autoDeploy=True)
        cloud.repository.release("two")
        assert len(cloud.railway.push()) == 1
        assert stack.refresh("Deployment").inputs["autoDeploy"] is True

    def test_a_switch_that_railway_does_not_show_stays_as_recorded(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.fault("serviceInstanceAutoDeployStatus", "graphql_error", message="Not available on this plan")
        stack.refresh("Deployment")
        assert "Whether Railway deploys pushes by itself cannot be seen: " in cloud.messages.text
        assert stack.changes("Deployment") == []

    def test_a_state_of_before_the_switch_shows_no_change(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment")
        older = [
            {name: each for name, each in part.items() if name != "autoDeploy"}
            for part in (state.inputs, state.outputs)
        ]
        stack.states["Deployment"] = State(state.id, *older)
        assert stack.changes("Deployment") == []

    @pytest.mark.parametrize(("name", "theirs"), [("repository", "acme/other"), ("branch", "next")])
    def test_another_source_by_hand_is_drift_and_connected_again_by_one_deployment(
        self, stack: Any, cloud: Any, name: str, theirs: str
    ) -> None:
        before = stack.up("Deployment").outputs["deploymentId"]
        world = cloud.railway.world
        (instance,), (trigger,) = world.instances.values(), world.triggers.values()
        setattr(trigger, name, theirs)
        instance.source = replace(instance.source, **{{"repository": "repo"}.get(name, name): theirs})
        stack.refresh("Deployment")
        assert stack.changes("Deployment") == [name]
        assert stack.states["Deployment"].inputs[name] == theirs
        after = stack.up("Deployment").outputs
        assert after["previousDeploymentId"] == before
        assert len(started(cloud)) == 2
        stack.refresh("Deployment")
        assert stack.changes("Deployment") == []

    def test_a_source_taken_away_by_hand_is_drift(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        (service,) = cloud.railway.world.services.values()
        cloud.railway.rules.services.disconnect(service)
        stack.refresh("Deployment")
        assert stack.changes("Deployment") == ["repository", "branch"]

    def test_a_deployment_by_hand_afterwards_is_drift_and_deployed_over(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        [pushed] = cloud.railway.deploy_by_hand()
        assert eventually(lambda: bool(stack.refresh("Deployment") and stack.changes("Deployment")))
        assert pushed in stack.states["Deployment"].inputs["triggers"]["live"]
        stack.up("Deployment")
        assert serving(stack).headers["x-gateway-deployment"] == stack.states["Deployment"].outputs["deploymentId"]

    def test_a_build_under_way_is_drift_and_does_not_get_its_turn(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        [building] = cloud.railway.deploy_by_hand()
        assert eventually(lambda: started(cloud)[-1]["status"] == "BUILDING")
        stack.refresh("Deployment")
        assert building in stack.states["Deployment"].inputs["triggers"]["live"]
        deployed = stack.up("Deployment").outputs["deploymentId"]
        assert serving(stack).headers["x-gateway-deployment"] == deployed != building

    def test_a_deployment_removed_by_hand_is_drift(self, stack: Any, cloud: Any) -> None:
        accepted = stack.up("Deployment")
        stack.delete("Deployment")
        stack.refresh("Deployment")
        assert "nothing serves instead of" in stack.states["Deployment"].inputs["triggers"]["live"]
        assert stack.changes("Deployment") == ["triggers"]
        again = stack.up("Deployment")
        assert again.outputs["deploymentId"] != accepted.outputs["deploymentId"]
        assert serving(stack).status_code == 200

    def test_one_that_serves_before_its_deletion_cancels_it_is_taken_down(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        cloud.railway.deploy_by_hand()
        serve_before_the_cancellation(cloud)
        stack.delete("Deployment")
        assert {each["status"] for each in started(cloud)} <= {"REMOVING", "REMOVED"}

    def test_a_head_that_is_another_commit_is_deployed_over(self, stack: Any, cloud: Any) -> None:
        wanted = cloud.repository.head
        cloud.repository.release("ahead")
        stack.up("Deployment", commit=wanted)
        assert "The branch's head is another commit" in cloud.messages.text
        assert serving(stack).text.startswith("one")

    def test_an_unknown_commit_is_an_error(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        with pytest.raises(UserError, match="Commit not found"):
            stack.up("Deployment", commit="1" * 40, triggers={"x": "y"})

    def test_an_import_knows_what_serves(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment")
        imported = DEPLOYMENT.read(cloud.context(), State(state.id, {}, {}))
        assert imported is not None
        assert imported.inputs["commit"] == state.outputs["commit"]
        assert imported.inputs["endpoint"] == state.outputs["url"]
        assert stack.changes("Deployment") == []

    def test_a_preview_asks_nothing_and_keeps_the_url(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Deployment")
        cloud.calls.clear()
        outputs = DEPLOYMENT.preview(cloud.context(), state, stack.inputs("Deployment"))
        assert outputs["url"] == state.outputs["url"]
        assert outputs["deploymentId"] is UNKNOWN
        assert cloud.calls.list() == []
