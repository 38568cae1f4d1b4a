"""What stops a preview or an up of the program, and that nothing was written when it did."""

from __future__ import annotations

import pytest

from localcloud.demo.commands import Result
from localcloud.demo.stage import Stage
from localcloud.secret_manager.store import State

pytestmark = pytest.mark.engine


def require_refused(stage: Stage, result: Result) -> None:
    assert result.status != 0, result.output
    assert "Traceback" not in result.output
    assert [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"] == []


def test_all_unusable_secrets_come_in_one_list_with_the_command_that_mends_each(stage: Stage) -> None:
    secrets = stage.cloud.secret_manager.store
    secrets.delete("OPENAI-API")
    secrets.delete("ANTHROPIC-API")
    secrets.create("ANTHROPIC-API")
    secrets.set_state("GEMINI-API", "1", State.DISABLED)
    secrets.set_state("LITELLM-MASTER-KEY", "1", State.DESTROYED)
    result = stage.engine.preview(stage.environment(identity="preview"))
    require_refused(stage, result)
    assert "4 secret(s) cannot be used, nothing was changed" in result.output
    for secret, command in {
        "OPENAI-API": "gcloud secrets create OPENAI-API",
        "ANTHROPIC-API": "gcloud secrets versions add ANTHROPIC-API",
        "GEMINI-API": "gcloud secrets versions enable 1 --secret=GEMINI-API",
        "LITELLM-MASTER-KEY": "gcloud secrets versions add LITELLM-MASTER-KEY",
    }.items():
        assert f"secrets/{secret}/versions/" in result.output
        assert command in result.output.replace("\\n", "\n")


@pytest.mark.parametrize(
    ("payload", "flaw"),
    [
        ("", "is empty"),
        ("sk-ant-secret-part\n", "newline"),
        ("changeme", "placeholder"),
        (" sk-ant-secret-part", "space"),
    ],
)
def test_a_flawed_payload_is_refused_before_a_variable_is_written(stage: Stage, payload: str, flaw: str) -> None:
    stage.cloud.secret_manager.add_version("ANTHROPIC-API", payload)
    result = stage.engine.up(stage.environment())
    assert result.status != 0
    assert "ANTHROPIC_API_KEY" in result.output
    assert flaw in result.output
    assert "secret-part" not in result.output
    written = {call.operation for call in stage.calls("railway") if call.kind == "mutation"}
    assert not written & {"variableUpsert", "variableCollectionUpsert", "serviceConnect", "serviceInstanceDeployV2"}
    assert stage.deployments() == []


def test_a_refused_railway_token_is_told_in_the_preview(stage: Stage) -> None:
    result = stage.engine.preview(stage.environment() | {"RAILWAY_TOKEN": "not-a-token"})
    require_refused(stage, result)
    assert "RAILWAY_TOKEN" in result.output
    assert "not-a-token" not in result.output


def test_somebody_elses_service_of_that_name_is_not_touched(stage: Stage) -> None:
    stage.cloud.railway.seed({"services": [{"name": "litellm-gateway"}]})
    (foreign,) = stage.cloud.railway.state()["services"]
    result = stage.engine.preview(stage.environment())
    require_refused(stage, result)
    assert foreign["id"] in result.output
    assert "import" in result.output


def test_the_secret_of_the_railway_token_is_judged_where_no_variable_holds_one(stage: Stage) -> None:
    stage.cloud.secret_manager.store.delete("RAILWAY-API")
    environment = {name: value for name, value in stage.environment().items() if name != "RAILWAY_TOKEN"}
    result = stage.engine.preview(environment)
    require_refused(stage, result)
    assert "secrets/RAILWAY-API/versions/latest" in result.output
