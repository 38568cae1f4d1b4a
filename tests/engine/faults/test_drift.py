"""What somebody changes, deletes or takes outside, ids that are wrong, and a file that overrides settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.demo.engines import steps

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

SERVICE = "litellm-gateway"
ELSEWHERE = "00000000-0000-4000-8000-000000000000"


def changed(stage: FaultStage) -> set[str]:
    """The inputs that a preview would change, deployments and what follows them left out."""
    found = steps(stage.preview())
    return {path for step in found if step.type != "railway:index:Deployment" for path in step.changes}


@pytest.mark.parametrize("value", ["edited-by-hand", None])
def test_a_variable_changed_or_deleted_by_hand_is_that_names_drift(stage: FaultStage, value: str | None) -> None:
    stage.deployed()
    stage.cloud.railway.edit_variable(SERVICE, "GEMINI_API_KEY", value)
    stage.engine.refresh(stage.environment())
    assert changed(stage) == {"secrets.GEMINI_API_KEY"}
    assert stage.up().status == 0
    assert stage.live_variable("GEMINI_API_KEY") == stage.secret_values()["GEMINI-API"]
    stage.require_nothing_to_do()


def test_a_setting_changed_by_hand_is_that_fields_drift(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.railway.edit_setting(SERVICE, "healthcheckPath", "/elsewhere")
    stage.engine.refresh(stage.environment())
    assert changed(stage) == {"healthcheckPath"}
    assert stage.up().status == 0
    stage.require_nothing_to_do()


def test_a_service_deleted_by_hand_is_made_again(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.railway.delete_service(SERVICE)
    stage.engine.refresh(stage.environment())
    shown = stage.preview()

    created = {step.type for step in steps(shown) if step.op == "create"}
    assert "railway:index:Service" in created
    stage.require_converges()


def test_a_service_deleted_by_hand_does_not_stop_destroy(stage: FaultStage) -> None:
    stage.deployed()
    stage.cloud.railway.delete_service(SERVICE)
    gone = stage.destroy()
    assert gone.status == 0, gone.output
    assert stage.leftovers() == []


@pytest.mark.parametrize("setting", ["railwayProjectId", "railwayEnvironmentId"])
def test_a_wrong_id_stops_the_preview(stage: FaultStage, setting: str) -> None:
    seed = stage.cloud.seed.railway
    wrong = seed.project_id if setting == "railwayProjectId" else seed.environment_id
    stage.workspace.change("Pulumi.production.yaml", wrong, ELSEWHERE, "Take another id")
    result = stage.preview()
    stage.require_refused(result, ELSEWHERE if setting == "railwayEnvironmentId" else seed.project_id)
    assert stage.writes() == []


def test_a_config_file_of_railways_own_is_warned_of(stage: FaultStage) -> None:
    file = stage.workspace.directory / "railway.toml"
    file.write_text('[deploy]\nhealthcheckPath = "/"\nnumReplicas = 2\n')
    stage.workspace.commit("Configure Railway by a file")
    overrides = "railway.toml overrides healthcheckPath and numReplicas of this program until Railway stops reading it"
    for result in (stage.preview(), stage.up()):
        assert result.status == 0, result.output
        assert f"{overrides} on 2026-12-01: remove it" in result.output
    file.unlink()
    stage.workspace.commit("Remove it")
    again = stage.up("--expect-no-changes")
    assert again.status == 0, again.output
    assert overrides not in again.output
