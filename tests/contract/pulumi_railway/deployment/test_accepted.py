"""`Deployment`: one that is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.redaction import MASK
from tests.contract.pulumi_railway.deployment.what_serves import serving, started

pytestmark = pytest.mark.contract

DEPLOYMENT = HANDLERS["railway:index:Deployment"]


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
