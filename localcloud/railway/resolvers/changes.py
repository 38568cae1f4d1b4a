"""Staged changes of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.resolvers.common import Resolvers, TypeResolvers
from localcloud.railway.state.config import masked

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Environment, Patch


def environment_staged_changes(context: Context, *, environment_id: str) -> Patch:
    """What is staged."""
    return context.rules.changes.staged(context.environment(environment_id))


def environment_stage_changes(
    context: Context, *, environment_id: str, given: dict[str, Any], merge: bool | None = None
) -> Patch:
    """Stage changes."""
    return context.rules.changes.stage(context.environment(environment_id), given, merge=bool(merge))


def environment_patch_commit_staged(
    context: Context, *, environment_id: str, commit_message: str | None = None, skip_deploys: bool | None = None
) -> str:
    """Commit what is staged; the id of the commit."""
    environment = context.environment(environment_id)
    return context.rules.changes.commit_staged(environment, commit_message, skip_deploys=bool(skip_deploys)).id


def environment_patch_commit(
    context: Context, *, environment_id: str, patch: dict[str, Any] | None = None, commit_message: str | None = None
) -> str:
    """Stage and commit in one; the id of the commit."""
    return context.rules.changes.commit(context.environment(environment_id), patch, commit_message).id


def _patch(_: Context, source: Patch, *, decrypt_variables: bool | None = None) -> dict[str, Any]:
    return source.patch if decrypt_variables else masked(source.patch)


def _environment(context: Context, source: Patch) -> Environment:
    return context.world.environments[source.environment_id]


def _updated(_: Context, source: Patch) -> datetime:
    return source.applied_at or source.created_at


QUERIES: Resolvers = {"environmentStagedChanges": environment_staged_changes}
MUTATIONS: Resolvers = {
    "environmentStageChanges": environment_stage_changes,
    "environmentPatchCommitStaged": environment_patch_commit_staged,
    "environmentPatchCommit": environment_patch_commit,
}
TYPES: TypeResolvers = {"EnvironmentPatch": {"patch": _patch, "environment": _environment, "updatedAt": _updated}}
