"""GitHub's side: the URL that cannot be published, or cannot be taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

FORBIDDEN = json.dumps({"message": "Resource not accessible by personal access token", "status": "403"})


def test_a_token_that_may_not_publish_leaves_the_gateway_up_and_a_rerun_only_publishes(stage: FaultStage) -> None:
    stage.fault("CreateVariable", "status", "github", code=403, body=FORBIDDEN)
    result = stage.up()
    stage.require_refused(result, "403", "Resource not accessible by personal access token")
    (deployment,) = stage.deployments()
    assert stage.repository_variable() == ""
    stage.cloud.calls.clear()
    again = stage.up()
    assert again.status == 0, again.output
    assert stage.writes("github") == ["CreateVariable"]
    assert stage.writes() == []
    assert stage.deployments() == [deployment]
    stage.require_converges()


def test_a_server_error_of_github_is_an_error_and_the_next_run_publishes(stage: FaultStage) -> None:
    stage.fault("CreateVariable", "html", "github", code=502)
    stage.require_refused(stage.up(), "502")
    stage.require_converges()
    assert stage.repository_variable().startswith("https://")


def test_a_variable_that_somebody_made_is_not_overwritten(stage: FaultStage) -> None:
    stage.cloud.github.store.create("LITELLM_GATEWAY_URL", "https://somewhere.example")
    said = ("holds https://somewhere.example, not https://", "409", "import it as project38-or:LITELLM_GATEWAY_URL")
    stage.require_refused(stage.up(), *said)
    assert stage.repository_variable() == "https://somewhere.example"
    stage.cloud.github.store.delete("LITELLM_GATEWAY_URL")
    stage.require_converges()


def test_a_variable_that_never_got_into_the_state_is_taken_over(stage: FaultStage) -> None:
    stage.fault("CreateVariable", "drop_after", "github")
    stage.require_refused(stage.up(), "no answer")
    assert stage.repository_variable().startswith("https://")
    stage.cloud.calls.clear()
    again = stage.up()
    assert again.status == 0, again.output
    assert stage.writes("github") == []
    stage.require_converges()
    assert stage.destroy().status == 0
    assert stage.repository_variable() == ""


def test_a_variable_that_is_gone_is_forgotten_by_a_refresh(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.github.store.delete("LITELLM_GATEWAY_URL")
    stage.require_refused(stage.destroy(), "LITELLM_GATEWAY_URL: 404 Not Found")
    assert stage.engine.refresh(stage.environment()).status == 0
    gone = stage.destroy()
    assert gone.status == 0, gone.output
    assert stage.leftovers() == []
