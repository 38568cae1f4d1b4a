"""Variables of instances and shared variables of environments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.model import Environment, Instance, Variable, Variables
from localcloud.railway.state.references import references, rendered, rendered_shared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.railway.state.deployments import DeploymentRules
    from localcloud.railway.state.world import World

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Owner = Instance | Environment


class VariableRules:
    """An owner is an instance, or an environment for the shared variables. Every write tells whether to deploy."""

    def __init__(self, world: World, deployments: DeploymentRules) -> None:
        self._world = world
        self._deployments = deployments

    def read(self, owner: Owner, *, unrendered: bool) -> dict[str, str | None]:
        """Name -> value as reads show them; a sealed value is None. Rendered, Railway's own names are among them."""
        visible = owner.variables.visible
        plain = {name: variable.value for name, variable in visible.items()}
        values: dict[str, str | None] = {**(plain if unrendered else self._rendered(owner, plain))}
        return values | {name: None for name, variable in visible.items() if variable.is_sealed}

    def write(self, owner: Owner, values: Mapping[str, str], *, replace: bool = False, deploy: bool) -> None:
        """Set the given variables; with `replace` all others go away."""
        for name, value in values.items():
            if not _NAME.fullmatch(name) or not isinstance(value, str):
                raise RailwayError(BAD_INPUT)
        kept = {} if replace else owner.variables.current
        self.put(owner, {**kept, **{name: _renewed(owner, name, value) for name, value in values.items()}})
        if deploy:
            self._deploy(owner, changed=values)

    def delete(self, owner: Owner, name: str) -> None:
        """Remove a variable. This always deploys a deployed service."""
        self.put(owner, {key: each for key, each in owner.variables.current.items() if key != name})
        self._deploy(owner, changed=[name])

    def put(self, owner: Owner, variables: Variables) -> None:
        """Replace all variables of the owner without a deployment."""
        owner.variables.write(variables, self._world.behaviour.read_lag)

    def _rendered(self, owner: Owner, values: dict[str, str]) -> dict[str, str]:
        if isinstance(owner, Environment):
            return rendered_shared(values)
        return rendered(self._world, owner, values)

    def _deploy(self, owner: Owner, changed: Mapping[str, str] | list[str]) -> None:
        if isinstance(owner, Instance):
            self._deployments.deploy_change(owner)
            return
        shared = {f"shared.{name}" for name in changed}
        for instance in self._world.instances.values():
            uses = {each for variable in instance.variables.current.values() for each in references(variable.value)}
            if instance.environment_id == owner.id and uses & shared:
                self._deployments.deploy_change(instance)


def _renewed(owner: Owner, name: str, value: str) -> Variable:
    old = owner.variables.current.get(name)
    if old is None:
        return Variable(name, value)
    return Variable(name, value, is_sealed=old.is_sealed, id=old.id, created_at=old.created_at)
