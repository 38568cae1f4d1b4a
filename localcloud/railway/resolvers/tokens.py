"""Who a token stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_PROJECT_TOKEN, RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers
from localcloud.railway.state.world import WORKSPACE_ID, WORKSPACE_NAME

if TYPE_CHECKING:
    from localcloud.railway.context import Context

_WORKSPACE = {"id": WORKSPACE_ID, "name": WORKSPACE_NAME}
_SHOWN = 4


def me(context: Context) -> dict[str, Any]:
    """The user; refused to project and workspace tokens."""
    context.caller.require("account")
    project = context.world.projects[context.world.seed.project_id]
    return {
        "id": "0f6d7b0a-7f0c-4a44-8d25-5f3f1a2b9c11",
        "name": "Local user",
        "username": "local",
        "email": "user@localhost",
        "created_at": project.created_at,
        "is_admin": False,
        "is_verified": True,
        "has2_fa": False,
        "workspaces": [_WORKSPACE],
    }


def api_token(context: Context) -> dict[str, Any]:
    """The workspaces an account or workspace token reaches."""
    context.caller.require("account", "workspace")
    return {"workspaces": [_WORKSPACE]}


def project_token(context: Context) -> dict[str, Any]:
    """The environment a project token is good for."""
    caller, world = context.caller, context.world
    if caller.project_id is None or caller.environment_id is None:
        raise RailwayError(BAD_PROJECT_TOKEN)
    project = world.projects[caller.project_id]
    return {
        "id": "8a1f6c53-4b0e-4f6e-9c0b-2b2f5d7a6e90",
        "name": "local",
        "display_token": f"{caller.token[:_SHOWN]}****",
        "project_id": project.id,
        "project": project,
        "environment_id": caller.environment_id,
        "environment": world.environments[caller.environment_id],
        "created_at": project.created_at,
    }


QUERIES: Resolvers = {"me": me, "apiToken": api_token, "projectToken": project_token}
MUTATIONS: Resolvers = {}
TYPES: TypeResolvers = {}
