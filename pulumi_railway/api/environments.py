"""Environments: their config, and changes staged and committed without a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api.documents import mutation, query

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient

READ: Final = query(
    "environment",
    """
    query environment($id: String!) {
      environment(id: $id) { unmergedChangesCount config(decryptVariables: false) }
    }
    """,
)
STAGED: Final = query(
    "environmentStagedChanges",
    """
    query environmentStagedChanges($environmentId: String!) {
      environmentStagedChanges(environmentId: $environmentId) { patch(decryptVariables: false) }
    }
    """,
)
STAGE: Final = mutation(
    "environmentStageChanges",
    """
    mutation environmentStageChanges($environmentId: String!, $input: EnvironmentConfig!, $merge: Boolean!) {
      environmentStageChanges(environmentId: $environmentId, input: $input, merge: $merge) {
        patch(decryptVariables: false)
      }
    }
    """,
    idempotent=True,
)
COMMIT: Final = mutation(
    "environmentPatchCommitStaged",
    """
    mutation environmentPatchCommitStaged($environmentId: String!, $message: String!) {
      environmentPatchCommitStaged(environmentId: $environmentId, commitMessage: $message, skipDeploys: true)
    }
    """,
    idempotent=False,
)


@dataclass(frozen=True)
class Environment:
    """`staged_changes` counts edits nobody committed yet; `config` has Railway's own shape, variable values masked."""

    staged_changes: int
    config: Mapping[str, Any]


def read(client: RailwayClient, environment_id: str) -> Environment:
    """The live environment. Raises `NotFound` for an unknown id."""
    answer = client.execute(READ, {"id": environment_id})
    return Environment(answer["unmergedChangesCount"].integer_or_none() or 0, answer["config"].mapping())


def staged(client: RailwayClient, environment_id: str) -> Mapping[str, Any]:
    """All that is staged, in Railway's config shape."""
    return client.execute(STAGED, {"environmentId": environment_id})["patch"].mapping()


def stage(
    client: RailwayClient, environment_id: str, patch: Mapping[str, Any], *, merge: bool = True
) -> Mapping[str, Any]:
    """Stage `patch` (Railway's config shape), with `merge` beside what is, else in its place; returns all of it now."""
    variables = {"environmentId": environment_id, "input": dict(patch), "merge": merge}
    return client.execute(STAGE, variables)["patch"].mapping()


def commit_staged(client: RailwayClient, environment_id: str, message: str) -> None:
    """Apply everything staged, without a deployment. The answer can come before the effect: read back."""
    client.execute(COMMIT, {"environmentId": environment_id, "message": message})
