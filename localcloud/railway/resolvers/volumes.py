"""Volumes, and their instances in environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.resolvers.common import Resolvers, TypeResolvers

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Environment, Project, Volume, VolumeInstance


def volume_create(context: Context, *, given: dict[str, Any]) -> Volume:
    """Make a volume; without an environment it has no instance, whatever Railway's documentation says."""
    project = context.project(given["projectId"])
    environment_id, service_id = given.get("environmentId"), given.get("serviceId")
    environment = context.environment(environment_id, project.id) if environment_id else None
    instance = context.instance(service_id, environment.id) if service_id and environment else None
    return context.rules.volumes.create(project.id, environment, instance, given["mountPath"], given.get("region"))


def volume_update(context: Context, *, volume_id: str, given: dict[str, Any]) -> Volume:
    """Rename a volume."""
    volume = context.volume(volume_id)
    if given.get("name") is not None:
        context.rules.volumes.rename(volume, given["name"])
    return volume


def volume_instance_update(
    context: Context, *, volume_id: str, given: dict[str, Any], environment_id: str | None = None
) -> bool:
    """Move a volume, in every environment where none is given; without a service it is detached."""
    volume, service_id = context.volume(volume_id), given.get("serviceId")
    if environment_id is not None:
        context.environment(environment_id)
    for found in context.world.volume_instances.values():
        if found.volume_id == volume.id and environment_id in {None, found.environment_id}:
            instance = context.instance(service_id, found.environment_id) if service_id else None
            context.rules.volumes.place(found, instance, given.get("mountPath"))
    return True


def volume_delete(context: Context, *, volume_id: str) -> bool:
    """Delete a volume with all that is in it."""
    context.rules.volumes.delete(context.volume(volume_id))
    return True


def volumes_of(context: Context, project: Project) -> list[Volume]:
    """The volumes of a project."""
    return [each for each in context.world.volumes.values() if each.project_id == project.id]


def volume_instances_of(context: Context, environment: Environment) -> list[VolumeInstance]:
    """The volumes in an environment."""
    return context.world.volumes_in(environment)


def _project(context: Context, source: Volume) -> Project:
    return context.world.projects[source.project_id]


def _volume(context: Context, source: VolumeInstance) -> Volume:
    return context.world.volumes[source.volume_id]


def _environment(context: Context, source: VolumeInstance) -> Environment:
    return context.world.environments[source.environment_id]


def _deleted(context: Context, source: VolumeInstance) -> datetime | None:
    return _volume(context, source).deleted_at


def _is_pending_deletion(context: Context, source: VolumeInstance) -> bool:
    return _deleted(context, source) is not None


def _state(context: Context, source: VolumeInstance) -> str:
    return context.rules.volumes.state(_volume(context, source))


QUERIES: Resolvers = {}
MUTATIONS: Resolvers = {
    "volumeCreate": volume_create,
    "volumeUpdate": volume_update,
    "volumeInstanceUpdate": volume_instance_update,
    "volumeDelete": volume_delete,
}
TYPES: TypeResolvers = {
    "Volume": {"project": _project},
    "VolumeInstance": {
        "volume": _volume,
        "environment": _environment,
        "deletedAt": _deleted,
        "isPendingDeletion": _is_pending_deletion,
        "state": _state,
    },
}
