"""What the control API works on."""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.service import RailwayService
from localcloud.core.working_copy import WorkingCopy
from localcloud.github.app import Github
from localcloud.models.app import ModelProviders
from localcloud.secret_manager.app import SecretManager


@dataclass(frozen=True)
class Parts:
    """Every part of a local cloud."""

    calls: CallLog
    faults: Faults
    working_copy: WorkingCopy
    secret_manager: SecretManager
    github: Github
    models: ModelProviders
    railway: RailwayService

    def reset(self) -> None:
        """Bring every service back to the seed, and forget calls, faults and behaviours."""
        self.faults.clear()
        self.railway.reset()
        self.secret_manager.reset()
        self.github.reset()
        self.models.reset()
        self.calls.clear()
