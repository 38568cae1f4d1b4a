"""Variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localcloud.railway.resolvers.common import Resolvers, TypeResolvers
from localcloud.railway.state.references import references

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Environment
    from localcloud.railway.state.model import Variable as Stored


@dataclass(frozen=True)
class Variable:
    """A variable as a row, with where it belongs; the value is not part of it."""

    id: str
    name: str
    is_sealed: bool
    references: list[str]
    service_id: str | None
    environment: Environment
    created_at: datetime

    @property
    def environment_id(self) -> str:
        """The id of its environment."""
        return self.environment.id

    @property
    def updated_at(self) -> datetime:
        """When it was last written."""
        return self.created_at


def variables(
    context: Context,
    *,
    project_id: str,
    environment_id: str,
    service_id: str | None = None,
    unrendered: bool | None = None,
) -> dict[str, str | None]:
    """The variables of an instance, or the shared ones."""
    owner = context.owner(project_id, environment_id, service_id)
    return context.rules.variables.read(owner, unrendered=bool(unrendered))


def variables_for_service_deployment(
    context: Context, *, project_id: str, environment_id: str, service_id: str
) -> dict[str, str | None]:
    """The variables as the next deployment gets them."""
    owner = context.owner(project_id, environment_id, service_id)
    return context.rules.variables.read(owner, unrendered=False)


def variable_upsert(context: Context, *, given: dict[str, Any]) -> bool:
    """Set one variable."""
    owner = context.owner(given["projectId"], given["environmentId"], given.get("serviceId"))
    context.rules.variables.write(owner, {given["name"]: given["value"]}, deploy=not given.get("skipDeploys"))
    return True


def variable_collection_upsert(context: Context, *, given: dict[str, Any]) -> bool:
    """Set several variables."""
    owner = context.owner(given["projectId"], given["environmentId"], given.get("serviceId"))
    context.rules.variables.write(
        owner, given["variables"], replace=bool(given.get("replace")), deploy=not given.get("skipDeploys")
    )
    return True


def variable_delete(context: Context, *, given: dict[str, Any]) -> bool:
    """Delete one variable."""
    owner = context.owner(given["projectId"], given["environmentId"], given.get("serviceId"))
    context.rules.variables.delete(owner, given["name"])
    return True


def of_environment(context: Context, source: Environment) -> list[Variable]:
    """All variables of an environment, the shared ones first."""
    shared = [_row(each, None, source) for each in source.variables.visible.values()]
    own = [
        _row(each, instance.service_id, source)
        for instance in context.world.instances.values()
        if instance.environment_id == source.id
        for each in instance.variables.visible.values()
    ]
    return shared + own


def _row(stored: Stored, service_id: str | None, environment: Environment) -> Variable:
    uses = references(stored.value)
    return Variable(stored.id, stored.name, stored.is_sealed, uses, service_id, environment, stored.created_at)


QUERIES: Resolvers = {
    "variables": variables,
    "variablesForServiceDeployment": variables_for_service_deployment,
}
MUTATIONS: Resolvers = {
    "variableUpsert": variable_upsert,
    "variableCollectionUpsert": variable_collection_upsert,
    "variableDelete": variable_delete,
}
TYPES: TypeResolvers = {}
