"""Whether a service or environment is really gone: never concluded from a refusal, always from its project's list."""

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
    project = projects.read(context.api, place.project_id)
    if _environment_is_gone(context, project, place.environment_id):
        return True
    return not any(service.id == place.service_id and not service.deleted for service in project.services)


def environment_is_gone(context: Context, project_id: str, environment_id: str) -> bool:
    """True where the project can be read and does not hold the environment; raises where that cannot be told."""
    return _environment_is_gone(context, projects.read(context.api, project_id), environment_id)


def open_project(context: Context, project_id: str, environment_id: str) -> Project:
    """The project, proved to hold the environment. Raises `NotFound`, `TokenError` or `ResourceError`."""
    project = projects.read(context.api, project_id)
    _check_environment(project, environment_id)
    return project


def _environment_is_gone(context: Context, project: Project, environment_id: str) -> bool:
    """Railway deletes an environment with all that is in it, e.g. once a pull request is closed.

    A project token may not see other environments than its own: there, one that is not listed is an error.
    """
    listed = any(environment.id == environment_id for environment in project.environments)
    if not listed and context.api.kind == "project":
        _check_environment(project, environment_id)
    return not listed


def _check_environment(project: Project, environment_id: str) -> None:
    if all(environment.id != environment_id for environment in project.environments):
        there = ", ".join(f"{environment.name} {environment.id}" for environment in project.environments) or "none"
        message = f"Environment {environment_id} is not in project {project.name} {project.id}; it has: {there}."
        raise ResourceError(f"{message} Correct environmentId; nothing was changed.")
