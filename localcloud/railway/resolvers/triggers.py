"""Push triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import INTERNAL, RailwayError, not_found
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always

if TYPE_CHECKING:
    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Trigger


def deployment_triggers(context: Context, *, project_id: str, environment_id: str, service_id: str) -> list[Trigger]:
    """The push triggers of an instance: at most one."""
    context.environment(environment_id, project_id)
    context.instance(service_id, environment_id)
    place = (service_id, environment_id)
    return [each for each in context.world.triggers.values() if (each.service_id, each.environment_id) == place]


def deployment_trigger_update(context: Context, *, id_: str, given: dict[str, Any]) -> Trigger:
    """Change a trigger; rootDirectory is in the schema, and refused."""
    trigger = context.trigger(id_)
    seed = context.world.seed
    if "rootDirectory" in given:
        raise RailwayError(INTERNAL)
    if given.get("repository", seed.repository) != seed.repository:
        raise not_found("GitHub repository")
    if given.get("branch", seed.branch) != seed.branch:
        raise not_found("GitHub branch")
    if given.get("checkSuites") is not None:
        trigger.check_suites = given["checkSuites"]
    return trigger


QUERIES: Resolvers = {"deploymentTriggers": deployment_triggers}
MUTATIONS: Resolvers = {"deploymentTriggerUpdate": deployment_trigger_update}
TYPES: TypeResolvers = {"DeploymentTrigger": {"baseEnvironmentOverrideId": always(None), "validCheckSuites": always(0)}}
