"""Environments, and all they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import NOT_AUTHORIZED, RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always
from localcloud.railway.resolvers.variables import of_environment
from localcloud.railway.resolvers.volumes import volume_instances_of
from localcloud.railway.state.config import environment_config, etag
from localcloud.railway.state.model import Environment, new_id

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Deployment, Instance, Trigger


def environment(context: Context, *, id_: str, project_id: str | None = None) -> Environment:
    """One environment."""
    return context.environment(id_, project_id)


def environments(context: Context, *, project_id: str, is_ephemeral: bool | None = None) -> list[Environment]:
    """The environments of a project."""
    return environments_of(context, context.project(project_id).id, is_ephemeral=is_ephemeral)


def environments_of(context: Context, project_id: str, *, is_ephemeral: bool | None) -> list[Environment]:
    """The environments of a project."""
    found = [each for each in context.world.environments.values() if each.project_id == project_id]
    return [each for each in found if is_ephemeral in {None, each.is_ephemeral}]


def environment_create(context: Context, *, given: dict[str, Any]) -> Environment:
    """Make an environment, empty or as a copy; a token of another environment makes none."""
    project = context.project(given["projectId"])
    made = Environment(new_id(), project.id, given["name"], given.get("sourceEnvironmentId"), given.get("ephemeral"))
    if not context.caller.may_see(project.id, made.id):
        raise RailwayError(NOT_AUTHORIZED)
    source = context.environment(made.source_environment_id, project.id) if made.source_environment_id else None
    context.rules.environments.create(made, source, deploy=not given.get("skipInitialDeploys"))
    return made


def environment_rename(context: Context, *, id_: str, given: dict[str, Any]) -> Environment:
    """Give an environment another name."""
    found = context.environment(id_)
    context.rules.environments.rename(found, given["name"])
    return found


def environment_delete(context: Context, *, id_: str) -> bool:
    """Delete an environment with all that runs in it."""
    context.rules.environments.delete(context.environment(id_))
    return True


def _config(context: Context, source: Environment, *, decrypt_variables: bool | None = None) -> dict[str, Any]:
    return environment_config(context.world, source, decrypt=bool(decrypt_variables))


def _etag(context: Context, source: Environment) -> str:
    return etag(context.world, source)


def _triggers(context: Context, source: Environment) -> list[Trigger]:
    return [each for each in context.world.triggers.values() if each.environment_id == source.id]


def _deployments(context: Context, source: Environment) -> list[Deployment]:
    return [each for each in reversed(context.world.deployments.values()) if each.environment_id == source.id]


def _instances(context: Context, source: Environment) -> list[Instance]:
    return [each for each in context.world.instances.values() if each.environment_id == source.id]


def _source(context: Context, source: Environment) -> Environment | None:
    return context.world.environments.get(source.source_environment_id or "")


def _unmerged(_: Context, source: Environment) -> int:
    patch = source.staged.patch if source.staged else {}
    return len(patch.get("services", {})) + len(patch.get("sharedVariables", {}))


def _is_ephemeral(_: Context, source: Environment) -> bool:
    return source.is_ephemeral


def _can_access(context: Context, source: Environment) -> bool:
    return context.caller.may_see(source.project_id, source.id)


def _created(_: Context, source: Environment) -> datetime:
    return source.created_at


QUERIES: Resolvers = {"environment": environment, "environments": environments}
MUTATIONS: Resolvers = {
    "environmentCreate": environment_create,
    "environmentRename": environment_rename,
    "environmentDelete": environment_delete,
}
TYPES: TypeResolvers = {
    "Environment": {
        "config": _config,
        "configEtag": _etag,
        "deploymentTriggers": _triggers,
        "deployments": _deployments,
        "serviceInstances": _instances,
        "sourceEnvironment": _source,
        "variables": of_environment,
        "volumeInstances": volume_instances_of,
        "unmergedChangesCount": _unmerged,
        "isEphemeral": _is_ephemeral,
        "canAccess": _can_access,
        "updatedAt": _created,
        "deletedAt": always(None),
    }
}
