"""Repositories as Railway's GitHub app sees them: the seeded one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers

if TYPE_CHECKING:
    from localcloud.railway.context import Context


def github_repos(context: Context) -> list[dict[str, Any]]:
    """The repositories the app may read."""
    context.caller.require("account", "workspace")
    return [_seeded(context)]


def github_repo(context: Context, *, full_repo_name: str) -> dict[str, Any]:
    """One repository."""
    _require(context, full_repo_name)
    return _seeded(context)


def github_repo_branches(context: Context, *, owner: str, repo: str) -> list[dict[str, str]]:
    """The branches of a repository."""
    _require(context, f"{owner}/{repo}")
    return [{"name": context.world.seed.branch}]


def github_repo_access_available(context: Context, *, full_repo_name: str) -> dict[str, bool]:
    """Whether the app may read a repository."""
    known = full_repo_name == context.world.seed.repository
    return {"has_access": known, "is_public": known}


def _require(context: Context, name: str) -> None:
    if name != context.world.seed.repository:
        raise RailwayError("GitHub repository not found")


def _seeded(context: Context) -> dict[str, Any]:
    seed = context.world.seed
    return {
        "id": 1,
        "name": seed.repository.partition("/")[2],
        "full_name": seed.repository,
        "default_branch": seed.branch,
        "description": None,
        "installation_id": "1",
        "is_private": False,
        "owner_avatar_url": None,
    }


QUERIES: Resolvers = {
    "githubRepos": github_repos,
    "githubRepo": github_repo,
    "githubRepoBranches": github_repo_branches,
    "gitHubRepoAccessAvailable": github_repo_access_available,
}
MUTATIONS: Resolvers = {}
TYPES: TypeResolvers = {}
