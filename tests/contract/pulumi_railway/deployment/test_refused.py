"""`Deployment`: one that is refused, or cannot be judged; and what serves afterwards."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import PartialFailure
from tests.contract.pulumi_railway.deployment.what_serves import serving, started

pytestmark = pytest.mark.contract

DEPLOYMENT = HANDLERS["railway:index:Deployment"]


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
        with pytest.raises(PartialFailure, match=r"No deployment of service .* was accepted: run") as left:
            stack.refresh("Deployment")
        assert left.value.state == failure.state
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

    @pytest.mark.parametrize("ends", ["interrupted", "unwritten"])
    def test_a_rollback_that_does_not_end_well_leaves_no_old_variables_unsaid(
        self, stack: Any, cloud: Any, failing: Any, ends: str
    ) -> None:
        stack.up("Deployment")
        stack.up("Variables", variables={"PORT": "4000", "NEW": "x"})
        bad = cloud.repository.release("bad")

        async def meanwhile(_service: str, operation: str, moment: str) -> bool:
            if (operation, moment) == ("deploymentRollback", "after"):
                if ends == "interrupted":
                    cloud.cancelled.set()
                else:
                    cloud.fault("variableCollectionUpsert", "graphql_error", message="No.")
            return True

        cloud.faults.watch = meanwhile
        [reason] = failing("Deployment", commit=bad, triggers={"source": bad}).reasons
        current = next(iter(cloud.railway.world.instances.values())).variables.current
        assert ("NEW" in current) is (ends == "interrupted")
        assert "old variables back, and they may be there still" in reason
        assert "Run `pulumi up --refresh`, which writes" in reason

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
        left = failure.state.outputs["deploymentId"]
        with pytest.raises(PartialFailure, match=f"Deployment {left} was not accepted: run `pulumi up`"):
            stack.refresh("Deployment")
        stack.gate = ["python", "-c", "pass"]
        after = stack.up("Deployment").outputs
        assert after["deploymentId"] == left
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
