"""Whether a service is really gone: never concluded from a refusal, always from its project's list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pulumi_railway.api import projects
from pulumi_railway.api.errors import NotFound
from pulumi_railway.errors import ResourceError

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.api.place import Place
    from pulumi_railway.api.projects import Project
    from pulumi_railway.handlers.base import Context


T = TypeVar("T")


def listed(context: Context, place: Place, read: Callable[[RailwayClient, Place], list[T]]) -> list[T]:
    """What `read` finds of a service, nothing where the service is proved to be gone."""
    try:
        return read(context.api, place)
    except NotFound:
        if service_is_gone(context, place):
            return []
        raise


def service_is_gone(context: Context, place: Place) -> bool:
    """True where the project can be read and does not hold the service; raises where that cannot be told."""
    project = open_project(context, place.project_id, place.environment_id)
    return not any(service.id == place.service_id and not service.deleted for service in project.services)


def open_project(context: Context, project_id: str, environment_id: str) -> Project:
    """The project, proved to hold the environment. Raises `NotFound`, `TokenError` or `ResourceError`."""
    project = projects.read(context.api, project_id)
    if all(environment.id != environment_id for environment in project.environments):
        there = ", ".join(f"{environment.name} {environment.id}" for environment in project.environments) or "none"
        message = f"Environment {environment_id} is not in project {project.name} {project.id}; it has: {there}."
        raise ResourceError(f"{message} Correct environmentId; nothing was changed.")
    return project
