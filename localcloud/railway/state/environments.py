"""Environments: empty or copied from another one, whose instances come a moment later."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.model import Environment, Instance, new_id

if TYPE_CHECKING:
    from localcloud.railway.state.deployments import DeploymentRules
    from localcloud.railway.state.model import Variables
    from localcloud.railway.state.services import ServiceRules
    from localcloud.railway.state.variables import VariableRules
    from localcloud.railway.state.volumes import VolumeRules
    from localcloud.railway.state.world import World


class EnvironmentRules:
    """What may be done to environments."""

    def __init__(
        self,
        world: World,
        services: ServiceRules,
        volumes: VolumeRules,
        variables: VariableRules,
        deployments: DeploymentRules,
    ) -> None:
        self._world = world
        self._volumes = volumes
        self._services = services
        self._variables = variables
        self._deployments = deployments

    def create(self, made: Environment, source: Environment | None, *, deploy: bool) -> None:
        """Add an environment; with a source it gets that one's instances, settings and variables a moment later."""
        self._check_name(made.name)
        self._world.creations.take("environment", self._world.behaviour.creation_interval)
        self._world.environments[made.id] = made
        if source is not None:
            lag = self._world.speed.step + self._world.behaviour.copy_lag
            self._world.timers.after(lag, lambda: self._fill(made, source, deploy=deploy))

    def rename(self, environment: Environment, name: str) -> None:
        """Give it another name."""
        self._check_name(name)
        environment.name = name

    def delete(self, environment: Environment) -> None:
        """Delete it with all that is in it; the default one stays."""
        if environment.id == self._world.seed.environment_id:
            raise RailwayError("Cannot delete the base environment")
        for instance in self._instances_in(environment):
            self._services.delete_from_fork(instance)
        self._volumes.delete_from(environment)
        self._world.environments.pop(environment.id)

    def _fill(self, made: Environment, source: Environment, *, deploy: bool) -> None:
        with self._world.lock:
            if made.id not in self._world.environments:
                return
            self._variables.put(made, {**_readable(source.variables.current), **made.variables.current})
            self._volumes.copy(source, made)
            for original in self._instances_in(source):
                copy = self._copied(original, made)
                if deploy and (copy.source.repo or copy.source.image):
                    self._deployments.deploy(copy)

    def _copied(self, original: Instance, made: Environment) -> Instance:
        copy = Instance(original.service_id, made.id, source=original.source, auto_deploy=original.auto_deploy)
        copy.settings.write(dict(original.settings.current), 0)
        self._variables.put(copy, _readable(original.variables.current))
        self._world.instances[copy.id] = copy
        for trigger in self._world.triggers_of(original):
            followed = dataclasses.replace(trigger, id=new_id(), environment_id=made.id)
            self._world.triggers[followed.id] = followed
        return copy

    def _instances_in(self, environment: Environment) -> list[Instance]:
        found = self._world.instances.values()
        return [each for each in found if each.environment_id == environment.id and each.deleted_at is None]

    def _check_name(self, name: str) -> None:
        if not name.strip():
            raise RailwayError(BAD_INPUT)


def _readable(variables: Variables) -> Variables:
    """Copies of the variables; sealed ones are left behind."""
    return {name: dataclasses.replace(each) for name, each in variables.items() if not each.is_sealed}
