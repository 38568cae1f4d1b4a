"""Projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always
from localcloud.railway.resolvers.environments import environments_of
from localcloud.railway.resolvers.volumes import volumes_of

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Environment, Project, Service


def project(context: Context, *, id_: str) -> Project:
    """One project."""
    return context.project(id_)


def projects(context: Context, *, workspace_id: str | None = None, include_deleted: bool = False) -> list[Project]:  # noqa: ARG001 - none is ever deleted
    """The projects the caller may see."""
    found = [each for each in context.world.projects.values() if context.caller.may_see(each.id)]
    return [each for each in found if workspace_id in {None, each.workspace_id}]


def _environments(context: Context, source: Project, *, is_ephemeral: bool | None = None) -> list[Environment]:
    return environments_of(context, source.id, is_ephemeral=is_ephemeral)


def _services(context: Context, source: Project) -> list[Service]:
    return [each for each in context.world.services.values() if each.project_id == source.id]


def _primary(context: Context, source: Project) -> str:
    return environments_of(context, source.id, is_ephemeral=False)[0].id


def _created(_: Context, source: Project) -> datetime:
    return source.created_at


QUERIES: Resolvers = {"project": project, "projects": projects}
MUTATIONS: Resolvers = {}
TYPES: TypeResolvers = {
    "Project": {
        "environments": _environments,
        "services": _services,
        "volumes": volumes_of,
        "primaryEnvironmentId": _primary,
        "baseEnvironmentId": _primary,
        "updatedAt": _created,
        "deletedAt": always(None),
        "description": always(None),
        "isPublic": always(False),  # noqa: FBT003 - a value
        "prDeploys": always(False),  # noqa: FBT003 - a value
    }
}
