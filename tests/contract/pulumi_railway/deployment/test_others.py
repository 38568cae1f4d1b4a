"""`Deployment`: pushes, and what somebody else does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from localcloud.railway.state.clock import now
from localcloud.railway.state.model import Status
from pulumi_railway.errors import UserError
from pulumi_railway.gate import Judgement
from pulumi_railway.handlers import HANDLERS, deployment_judge, identity
from pulumi_railway.handlers.base import UNKNOWN, State
from tests.contract.pulumi_railway.deployment.what_serves import (
    eventually,
    serve_before_the_cancellation,
    serving,
    started,
)

pytestmark = pytest.mark.contract

DEPLOYMENT = HANDLERS["railway:index:Deployment"]


def failing_meanwhile(failing: Any, act: Callable[[], None]) -> Any:
    """The failure of a deployment while somebody else acts."""
    thread = threading.Thread(target=act)
    thread.start()
    failure = failing("Deployment")
    thread.join()
    return failure


class TestOthers:
    def test_a_push_that_replaces_ours_is_named(self, stack: Any, cloud: Any, failing: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        cloud.railway.seed({"behaviour": {"holds": ["BUILDING"]}})
        pushed: list[str] = []

        def push() -> None:
            assert eventually(lambda: "BUILDING" in [each["status"] for each in started(cloud)])
            pushed.extend(cloud.railway.deploy_by_hand())

        failure = failing_meanwhile(failing, push)
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

        failure = failing_meanwhile(failing, push)
        assert f"{pushed[0]} of commit" in failure.reasons[0]
        assert "took over while this one was judged" in failure.reasons[0]

    @pytest.mark.parametrize(
        ("serves", "told"), [(True, "took over while"), (False, "no longer lists deployment gone")]
    )
    def test_one_that_railway_lists_no_more_is_not_accepted(
        self, stack: Any, cloud: Any, serves: bool, told: str
    ) -> None:
        if serves:
            stack.up("Deployment")
        place = identity.place_of(stack.states["Variables"].id)
        accepted = Judgement("accepted", "it answers as it should")
        judgement = deployment_judge.what_serves(cloud.context(), place, "gone", accepted)
        assert judgement.verdict == "cannot tell"
        assert told in judgement.reason

    def test_a_push_afterwards_deploys_nothing(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        cloud.repository.release("two")
        assert cloud.railway.push() == []

    def test_pushes_that_railway_goes_on_to_deploy_are_an_error_until_somebody_switches_them_off(
        self, stack: Any, cloud: Any, failing: Any
    ) -> None:
        for _ in range(3):
            cloud.fault("serviceInstanceAutoDeployUpdate", "graphql_error", message="Not available on this plan")
        accepted, refused = failing("Deployment").reasons
        assert "is accepted and serves" in accepted
        assert "goes on to deploy pushes, which nobody judges" in refused
        assert "Not available on this plan. Switch it off in the settings" in refused
        first = stack.states["Deployment"].outputs
        assert (first["autoDeploy"], first["url"]) == (True, stack.states["ServiceDomain"].outputs["url"])
        assert stack.changes("Deployment") == ["autoDeploy"]
        assert failing("Deployment").reasons == [refused]
        next(iter(cloud.railway.world.instances.values())).auto_deploy = False
        assert stack.up("Deployment").outputs == {**first, "autoDeploy": False}
        assert len(started(cloud)) == 1

    def test_a_switch_that_railway_neither_turns_nor_shows_is_warned_of(self, stack: Any, cloud: Any) -> None:
        for operation in ("serviceInstanceAutoDeployUpdate", "serviceInstanceAutoDeployStatus"):
            cloud.fault(operation, "graphql_error", message="Not available on this plan")
        assert stack.up("Deployment").outputs["autoDeploy"] is False
        assert "Whether Railway deploys pushes by itself cannot be seen: " in cloud.messages.text
        assert "Nor is Railway to be switched off: " in cloud.messages.text

    def test_a_switch_that_was_turned_before_the_deployment_failed_to_start_is_known(
        self, stack: Any, cloud: Any, failing: Any
    ) -> None:
        accepted = stack.up("Deployment")
        failure = failing("Deployment", commit="1" * 40, triggers={"x": "y"}, autoDeploy=True)
        assert "Commit not found" in failure.reasons[0]
        instance = next(iter(cloud.railway.world.instances.values()))
        assert instance.auto_deploy
        assert stack.up("Deployment").outputs == accepted.outputs
        assert not instance.auto_deploy

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

    def test_pushes_that_a_refused_release_let_in_are_kept_out_when_it_is_taken_back(
        self, stack: Any, cloud: Any, failing: Any
    ) -> None:
        accepted = stack.up("Deployment").inputs
        before = {name: accepted[name] for name in ("commit", "triggers")}
        bad = cloud.repository.release("bad")
        failing("Deployment", commit=bad, triggers={"source": bad}, autoDeploy=True)
        instance = next(iter(cloud.railway.world.instances.values()))
        assert instance.auto_deploy
        DEPLOYMENT.update(cloud.context(), stack.states["Deployment"], stack.inputs("Deployment", **before))
        assert not instance.auto_deploy

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

    def test_one_that_serves_is_known_however_many_came_after_it(self, stack: Any, cloud: Any) -> None:
        stack.up("Deployment")
        world = cloud.railway.world
        [serves] = world.deployments.values()
        for number in range(21):
            failed = replace(serves, id=f"failed-{number}", status=Status.FAILED, created_at=now())
            world.deployments[failed.id] = failed
        stack.refresh("Deployment")
        assert stack.changes("Deployment") == []
        stack.delete("Deployment")
        assert serves.status in {Status.REMOVING, Status.REMOVED}

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
