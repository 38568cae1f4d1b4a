"""The whole life of the stack with the real gateway in it: up, again, what the state holds, destroy."""

from __future__ import annotations

import json

import pytest

from localcloud.demo import leaks
from localcloud.demo.stage import Stage

pytestmark = pytest.mark.engine


def test_up_again_and_destroy(stage: Stage) -> None:
    first = stage.engine.up(stage.environment())
    assert first.status == 0, first.output
    assert len(stage.deployments()) == 1
    published = stage.repository_variable()
    with stage.client() as client:
        assert client.get("/health").headers["x-gateway-deployment"] == stage.deployments()[0]

    stage.cloud.calls.clear()
    again = stage.engine.up(stage.environment(), "--expect-no-changes")
    assert again.status == 0, again.output
    assert stage.calls("railway") == []
    assert [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"] == []

    state = stage.engine.state(stage.environment())
    resources = json.loads(state)["deployment"]["resources"]
    assert next(each for each in resources if each["type"] == "pulumi:pulumi:Stack")["outputs"]["url"] == published
    assert leaks.search({"the state": state, "the output": first.output}, stage.every_secret_value()) == []

    gone = stage.engine.destroy(stage.environment())
    assert gone.status == 0, gone.output
    assert stage.leftovers() == []
    assert stage.engine.destroy(stage.environment()).status == 0
