"""Secrets that cannot be used, variables that do not take, and a rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.demo import engines
from localcloud.secret_manager.store import State

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

KEPT_BACK = '{"data": {"variableCollectionUpsert": true}}'
"""What Railway answers to a write of variables that it then does not do."""


def test_variables_that_did_not_take_are_named_and_not_deployed(stage: FaultStage) -> None:
    stage.fault("variableCollectionUpsert", "status", code=200, body=KEPT_BACK)
    result = stage.up()
    stage.require_refused(
        result,
        "they did not take: not set: ANTHROPIC_API_KEY, GATEWAY_DRAINING_SECONDS, GATEWAY_WORKERS, GEMINI_API_KEY, "
        "LITELLM_MASTER_KEY, OPENAI_API_KEY, PORT, RAILWAY_RUN_UID",
        "Nothing was deployed; run again",
    )
    assert stage.writes().count("variableCollectionUpsert") == 1
    assert stage.deployments() == []
    stage.require_converges()


def test_only_the_variables_that_did_not_take_are_named(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.secret_manager.add_version("GEMINI-API")
    stage.fault("variableCollectionUpsert", "status", code=200, body=KEPT_BACK)
    result = stage.up()
    stage.require_refused(result, "they did not take: not set: GEMINI_API_KEY. Nothing was deployed; run again")
    assert len(stage.deployments()) == 1
    stage.require_converges()


def test_all_unusable_secrets_come_in_one_list_with_the_command_that_mends_each(stage: FaultStage) -> None:
    secrets = stage.cloud.secret_manager.store
    secrets.delete("OPENAI-API")
    secrets.delete("ANTHROPIC-API")
    secrets.create("ANTHROPIC-API")
    secrets.set_state("GEMINI-API", "1", State.DISABLED)
    secrets.set_state("LITELLM-MASTER-KEY", "1", State.DESTROYED)
    result = stage.engine.preview(stage.environment(identity="preview"))
    stage.require_refused(
        result,
        "4 secret(s) cannot be used, nothing was changed",
        "secret OPENAI-API does not exist in project project38-483612",
        "gcloud secrets create OPENAI-API",
        "secret ANTHROPIC-API has no version",
        "gcloud secrets versions add ANTHROPIC-API",
        "projects/project38-483612/secrets/GEMINI-API/versions/1: ",
        "gcloud secrets versions enable 1 --secret=GEMINI-API",
        "is destroyed",
        "gcloud secrets versions add LITELLM-MASTER-KEY",
    )
    assert stage.writes() == []


FLAWS = {
    "is empty": "",
    "contains a newline": "sk-ant-secret-part\n",
    "starts or ends with a space": " sk-ant-secret-part",
    "starts with a byte-order mark": "\ufeffsk-ant-secret-part",
    "is a placeholder": "changeme",
}


def test_a_flawed_secret_is_refused_by_name_and_kind_of_flaw(stage: FaultStage) -> None:
    for version, (flaw, payload) in enumerate(FLAWS.items(), start=2):
        stage.cloud.secret_manager.add_version("ANTHROPIC-API", payload)
        result = stage.up()
        stage.require_refused(
            result,
            "1 secret(s) cannot be used, nothing was written",
            f"ANTHROPIC_API_KEY: secret ANTHROPIC-API version {version} in project project38-483612 {flaw}",
            "gcloud secrets versions add ANTHROPIC-API",
        )
        assert "secret-part" not in result.output
        assert not {"variableCollectionUpsert", "serviceConnect"} & set(stage.writes())
    stage.cloud.secret_manager.add_version("ANTHROPIC-API")
    stage.require_converges()


def test_a_master_key_without_its_prefix_is_refused_in_the_same_list(stage: FaultStage) -> None:
    key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    stage.cloud.secret_manager.add_version("LITELLM-MASTER-KEY", key)
    stage.cloud.secret_manager.add_version("OPENAI-API", "changeme")
    result = stage.up()
    stage.require_refused(
        result,
        "2 secret(s) cannot be used, nothing was written",
        "LITELLM_MASTER_KEY: secret LITELLM-MASTER-KEY version 2 in project project38-483612 does not start with sk-.",
        "gcloud secrets versions add LITELLM-MASTER-KEY",
        "is a placeholder",
    )
    assert key not in result.output
    assert not {"variableCollectionUpsert", "serviceConnect"} & set(stage.writes())
    for secret in ("LITELLM-MASTER-KEY", "OPENAI-API"):
        stage.cloud.secret_manager.add_version(secret)
    stage.require_converges()


def test_a_rotated_secret_shows_its_versions_alone_and_deploys_once(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.secret_manager.add_version("OPENAI-API")
    shown = {step.type: step.changes for step in engines.steps(stage.preview()) if step.changes}
    secret = "projects/project38-483612/secrets/OPENAI-API/versions"
    assert shown.pop("railway:index:Variables") == {"secrets.OPENAI_API_KEY": (f"{secret}/1", f"{secret}/2")}
    assert set(shown) <= {"railway:index:Deployment"}
    result = stage.up()
    assert result.status == 0, result.output
    assert len(stage.deployments()) == 2
    assert stage.live_variable("OPENAI_API_KEY") == stage.secret_values()["OPENAI-API"]
