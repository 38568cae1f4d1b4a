"""Services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always
from localcloud.railway.state.model import Instance, Project, Service, Source, Trigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.railway.context import Context


def service(context: Context, *, id_: str) -> Service:
    """One service, also while it is being deleted."""
    return context.service(id_)


def service_create(context: Context, *, given: dict[str, Any]) -> Service:
    """Create a service."""
    project = context.project(given["projectId"])
    environment_id = given.get("environmentId")
    environment = context.environment(environment_id, project.id) if environment_id else None
    return context.rules.services.create(
        project.id,
        environment,
        name=given.get("name"),
        icon=given.get("icon"),
        source=_source(given.get("source") or {}, given.get("branch")),
        variables=given.get("variables"),
    )


def service_update(context: Context, *, id_: str, given: dict[str, Any]) -> Service:
    """Rename a service."""
    found = _undeleted(context, id_)
    context.rules.services.rename(found, name=given.get("name"), icon=given.get("icon"))
    return found


def service_connect(context: Context, *, id_: str, given: dict[str, Any]) -> Service:
    """Connect a service to a repository or an image, which deploys it."""
    found = _undeleted(context, id_)
    source = _source(given, given.get("branch"))
    if source.repo is None and source.image is None:
        raise RailwayError(BAD_INPUT)
    context.rules.services.connect(found, source)
    return found


def service_disconnect(context: Context, *, id_: str) -> Service:
    """Take the source away."""
    found = _undeleted(context, id_)
    context.rules.services.disconnect(found)
    return found


def service_delete(context: Context, *, id_: str, environment_id: str | None = None) -> bool:
    """Delete a service; an environment that is no fork does not limit that, nor does the only one that has it."""
    found = _undeleted(context, id_)
    if environment_id is not None and context.environment(environment_id).is_fork:
        instance = context.instance(id_, environment_id)
        if context.world.instances_of(id_) != [instance]:
            context.rules.services.delete_from_fork(instance)
            return True
    context.rules.services.delete(found)
    return True


def _undeleted(context: Context, service_id: str) -> Service:
    found = context.service(service_id)
    if found.deleted_at is not None:
        raise RailwayError("Service not found")
    return found


def _source(given: Mapping[str, str | None], branch: str | None) -> Source:
    return Source(given.get("repo"), branch, given.get("image"))


def _project(context: Context, source: Service) -> Project:
    return context.world.projects[source.project_id]


def _triggers(context: Context, source: Service) -> list[Trigger]:
    return [each for each in context.world.triggers.values() if each.service_id == source.id]


def _instances(context: Context, source: Service) -> list[Instance]:
    return context.world.instances_of(source.id)


QUERIES: Resolvers = {"service": service}
MUTATIONS: Resolvers = {
    "serviceCreate": service_create,
    "serviceUpdate": service_update,
    "serviceConnect": service_connect,
    "serviceDisconnect": service_disconnect,
    "serviceDelete": service_delete,
}
TYPES: TypeResolvers = {
    "Service": {
        "project": _project,
        "repoTriggers": _triggers,
        "serviceInstances": _instances,
        "templateId": always(None),
    }
}
