"""What is run and ended on the way: the first up, an update, a rotation, an update that is refused, and destroy."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from chaos import workspace
from localcloud.demo.stage import MASTER_KEY, Stage

BAD_RELEASE: Final = "models"
Change = Callable[[Stage], None]


def _nothing(stage: Stage) -> None:
    del stage


def _release(stage: Stage) -> None:
    """Commit another good release of the service."""
    workspace.release(stage.workspace, secrets.token_hex(8))


def _rotate(stage: Stage) -> None:
    """Give the gateway's key another version."""
    stage.cloud.secret_manager.add_version(MASTER_KEY, None)


def _spoil(stage: Stage) -> None:
    """Commit a release that the gate refuses, and rotate a key that the way back must not take along."""
    workspace.spoil(stage.workspace, BAD_RELEASE)
    _rotate(stage)


def _mend(stage: Stage) -> None:
    """Commit a good release after a bad one."""
    workspace.mend(stage.workspace, BAD_RELEASE)


@dataclass(frozen=True)
class Scenario:
    """`change` is what the run is about, `mend` what its user does before the next run.

    `deployed` says whether the gateway is deployed when it begins. `status` is the exit status of an undisturbed run;
    it makes so many `deployments`: those of a refused release are itself and the one brought back.
    """

    name: str
    verb: Literal["up", "destroy"]
    deployed: bool
    deployments: int
    change: Change = _nothing
    mend: Change = _nothing
    status: int = 0


SCENARIOS: Final = (
    Scenario("first-up", "up", deployed=False, deployments=1),
    Scenario("update", "up", deployed=True, deployments=1, change=_release),
    Scenario("rotation", "up", deployed=True, deployments=1, change=_rotate),
    Scenario("refused", "up", deployed=True, deployments=2, change=_spoil, mend=_mend, status=1),
    Scenario("destroy", "destroy", deployed=True, deployments=0),
)
BY_NAME: Final = {scenario.name: scenario for scenario in SCENARIOS}
