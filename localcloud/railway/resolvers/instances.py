"""Service instances: a service in one environment, with its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always
from localcloud.railway.resolvers.domains import all_domains
from localcloud.railway.state.model import DEFAULT_SETTINGS, LIVE, Deployment, Instance, Service, Source

if TYPE_CHECKING:
    from localcloud.railway.context import Context


def service_instance(context: Context, *, environment_id: str, service_id: str) -> Instance:
    """One instance."""
    return context.instance(service_id, environment_id)


def service_instance_update(
    context: Context, *, service_id: str, given: dict[str, Any], environment_id: str | None = None
) -> bool:
    """Write settings, in every environment that is no fork where none is given. True also where nothing happened."""
    service = context.service(service_id)
    if environment_id is not None:
        context.environment(environment_id)
    for instance in context.world.instances_of(service.id):
        fork = context.world.environments[instance.environment_id].is_fork
        if instance.environment_id == environment_id or (environment_id is None and not fork):
            context.rules.settings.update(instance, given)
    return True


def auto_deploy_status(context: Context, *, project_id: str, environment_id: str, service_id: str) -> dict[str, Any]:
    """Whether a push deploys the instance; it could where a repository is connected."""
    context.environment(environment_id, project_id)
    instance = context.instance(service_id, environment_id)
    connected = instance.source.repo is not None
    reason = None if connected else "No repository is connected"
    return {"enabled": connected and instance.auto_deploy, "can_enable": connected, "reason": reason}


def auto_deploy_update(context: Context, *, given: dict[str, Any]) -> dict[str, Any]:
    """Let pushes deploy the instance, or not; refused without a repository."""
    context.environment(given["environmentId"], given["projectId"])
    instance = context.instance(given["serviceId"], given["environmentId"])
    if instance.source.repo is None:
        raise RailwayError("Service has no connected repository")
    instance.auto_deploy = given["enabled"]
    return {"enabled": instance.auto_deploy}


def _setting(name: str) -> Callable[[Context, Instance], Any]:
    return lambda _, source: source.settings.visible[name]


def _service(context: Context, source: Instance) -> Service:
    return context.world.services[source.service_id]


def _service_name(context: Context, source: Instance) -> str:
    return context.world.services[source.service_id].name


def _source(_: Context, source: Instance) -> Source | None:
    return source.source if source.source.repo or source.source.image else None


def _latest(context: Context, source: Instance) -> Deployment | None:
    return next(iter(context.world.deployments_of(source)), None)


def _active(context: Context, source: Instance) -> list[Deployment]:
    return [each for each in context.world.deployments_of(source) if each.status in LIVE]


def _domains(context: Context, source: Instance) -> dict[str, Any]:
    return all_domains(context, source)


QUERIES: Resolvers = {
    "serviceInstance": service_instance,
    "serviceInstanceAutoDeployStatus": auto_deploy_status,
}
MUTATIONS: Resolvers = {
    "serviceInstanceUpdate": service_instance_update,
    "serviceInstanceAutoDeployUpdate": auto_deploy_update,
}
TYPES: TypeResolvers = {
    "ServiceInstance": {
        **{name: _setting(name) for name in DEFAULT_SETTINGS},
        "service": _service,
        "serviceName": _service_name,
        "source": _source,
        "latestDeployment": _latest,
        "activeDeployments": _active,
        "domains": _domains,
        "isUpdatable": always(True),  # noqa: FBT003 - a value
        "upstreamUrl": always(None),
    }
}
