"""References in values of variables, `${{NAME}}`, `${{shared.NAME}}`, `${{Service.NAME}}`, and Railway's own names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.railway.state.private import address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.core.working_copy import Commit
    from localcloud.railway.state.model import Environment, Instance, Source, Volume, VolumeInstance
    from localcloud.railway.state.world import World

_REFERENCE = re.compile(r"\$\{\{\s*(?:([^{}]+?)\.)?([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_SHARED = "shared"
_DEPTH = 8


def references(value: str) -> list[str]:
    """The references in a value as `NAME`, `shared.NAME` or `Service.NAME`."""
    return [f"{owner}.{name}" if owner else name for owner, name in _REFERENCE.findall(value)]


def rendered(world: World, instance: Instance, values: Mapping[str, str]) -> dict[str, str]:
    """The `values` of an instance as its process sees them: references resolved, Railway's own names added.

    A reference to what does not exist becomes an empty string.
    """
    raw = {**system_variables(world, instance), **values}
    return {name: _resolve(world, instance, raw, value, _DEPTH) for name, value in raw.items()}


def rendered_shared(values: Mapping[str, str]) -> dict[str, str]:
    """Shared variables, which may refer to each other only."""
    return {name: _substitute(value, values) for name, value in values.items()}


def system_variables(world: World, instance: Instance) -> dict[str, str]:
    """The names that Railway adds to every service."""
    service = world.services[instance.service_id]
    environment = world.environments[instance.environment_id]
    domain = world.domain_of(instance)
    volume = world.volume_of(instance)
    public = {"RAILWAY_PUBLIC_DOMAIN": domain.domain, "RAILWAY_STATIC_URL": domain.domain} if domain else {}
    return {
        "RAILWAY_PROJECT_ID": service.project_id,
        "RAILWAY_PROJECT_NAME": world.projects[service.project_id].name,
        "RAILWAY_ENVIRONMENT": environment.name,
        "RAILWAY_ENVIRONMENT_ID": environment.id,
        "RAILWAY_ENVIRONMENT_NAME": environment.name,
        "RAILWAY_SERVICE_ID": service.id,
        "RAILWAY_SERVICE_NAME": service.name,
        "RAILWAY_PRIVATE_DOMAIN": address(instance),
        **public,
        **(_volume_variables(world.volumes[volume.volume_id], volume) if volume else {}),
    }


def _volume_variables(volume: Volume, found: VolumeInstance) -> dict[str, str]:
    """Nothing is mounted on this machine: the path is that of the directory itself."""
    return {"RAILWAY_VOLUME_NAME": volume.name, "RAILWAY_VOLUME_MOUNT_PATH": str(found.directory)}


def plain(owner: Instance | Environment) -> dict[str, str]:
    """Name -> value as written, of all variables there are now."""
    return {name: variable.value for name, variable in owner.variables.current.items()}


def deployment_variables(deployment_id: str, source: Source, commit: Commit | None) -> dict[str, str]:
    """The names that Railway adds to the process of a deployment."""
    names = {"RAILWAY_DEPLOYMENT_ID": deployment_id, "RAILWAY_REPLICA_ID": deployment_id}
    if commit is None or source.repo is None:
        return names
    owner, _, name = source.repo.partition("/")
    return names | {
        "RAILWAY_GIT_COMMIT_SHA": commit.sha,
        "RAILWAY_GIT_BRANCH": source.branch or "",
        "RAILWAY_GIT_REPO_OWNER": owner,
        "RAILWAY_GIT_REPO_NAME": name,
        "RAILWAY_GIT_AUTHOR": commit.author,
        "RAILWAY_GIT_COMMIT_MESSAGE": commit.message,
    }


def _resolve(world: World, instance: Instance, own: Mapping[str, str], value: str, depth: int) -> str:
    def replace(match: re.Match[str]) -> str:
        owner, name = match.groups()
        if depth == 0:
            return ""
        if owner == _SHARED:
            return rendered_shared(plain(world.environments[instance.environment_id])).get(name, "")
        if not owner:
            return _resolve(world, instance, own, own.get(name, ""), depth - 1)
        target = _sibling(world, instance, owner)
        if target is None:
            return ""
        theirs = {**system_variables(world, target), **plain(target)}
        return _resolve(world, target, theirs, theirs.get(name, ""), depth - 1)

    return _REFERENCE.sub(replace, value)


def _sibling(world: World, instance: Instance, name: str) -> Instance | None:
    for service in world.services.values():
        if service.name == name and service.deleted_at is None:
            return world.instance(service.id, instance.environment_id)
    return None


def _substitute(value: str, values: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda match: values.get(match[2], "") if match[1] in {None, _SHARED} else "", value)
