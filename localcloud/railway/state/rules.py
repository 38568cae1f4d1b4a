"""The rules of every noun over one world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.railway.state.changes import ChangeRules
from localcloud.railway.state.custom_domains import CustomDomainRules
from localcloud.railway.state.deployments import DeploymentRules, Runner
from localcloud.railway.state.domains import DomainRules, Edge
from localcloud.railway.state.environments import EnvironmentRules
from localcloud.railway.state.pushes import PushRules
from localcloud.railway.state.services import ServiceRules
from localcloud.railway.state.settings import SettingRules
from localcloud.railway.state.variables import VariableRules
from localcloud.railway.state.volumes import VolumeRules

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.core.working_copy import WorkingCopy
    from localcloud.railway.state.world import World


class Rules:
    """One attribute a noun. `volumes` is the directory for what is written to volumes."""

    def __init__(self, world: World, working_copy: WorkingCopy, runner: Runner, edge: Edge, volumes: Path) -> None:
        self.deployments = DeploymentRules(world, working_copy, runner)
        self.pushes = PushRules(world, working_copy, self.deployments)
        self.settings = SettingRules(world)
        self.variables = VariableRules(world, self.deployments)
        self.domains = DomainRules(world, edge)
        self.custom_domains = CustomDomainRules(world)
        self.volumes = VolumeRules(world, volumes)
        self.services = ServiceRules(world, self.deployments, self.variables, self.domains, self.custom_domains)
        self.environments = EnvironmentRules(world, self.services, self.volumes, self.variables, self.deployments)
        self.changes = ChangeRules(world, self.services, self.settings, self.variables, self.deployments)
