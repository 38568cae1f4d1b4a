"""Variables of a service in one environment, and those that an environment shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation, query
from pulumi_railway.api.place import Place

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient

READ: Final = query(
    "variables",
    """
    query variables($projectId: String!, $environmentId: String!, $serviceId: String!, $unrendered: Boolean!) {
      variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: $unrendered)
    }
    """,
)
READ_SHARED: Final = query(
    "variables",
    """
    query variables($projectId: String!, $environmentId: String!) {
      variables(projectId: $projectId, environmentId: $environmentId, unrendered: true)
    }
    """,
)
UPSERT: Final = mutation(
    "variableCollectionUpsert",
    """
    mutation variableCollectionUpsert($input: VariableCollectionUpsertInput!) {
      variableCollectionUpsert(input: $input)
    }
    """,
    idempotent=True,
)


def read(client: RailwayClient, place: Place, *, rendered: bool = False) -> dict[str, str | None]:
    """All variables by name; a sealed one is None or absent. Raises `NotFound`.

    References `${{ }}` are as written, or where `rendered` what a process gets in their place.
    """
    return client.execute(READ, {**place.ids(), "unrendered": not rendered}).mapping()


def upsert(client: RailwayClient, place: Place, variables: Mapping[str, str]) -> None:
    """Set all of these in one call; others stay as they are, and nothing is deployed."""
    _upsert(client, place.ids(), variables)


def read_shared(client: RailwayClient, project_id: str, environment_id: str) -> dict[str, str | None]:
    """All shared variables of an environment by name. Raises `NotFound`."""
    return client.execute(READ_SHARED, {"projectId": project_id, "environmentId": environment_id}).mapping()


def upsert_shared(client: RailwayClient, project_id: str, environment_id: str, variables: Mapping[str, str]) -> None:
    """Set these shared variables of an environment; others stay as they are, and nothing is deployed."""
    _upsert(client, {"projectId": project_id, "environmentId": environment_id}, variables)


def _upsert(client: RailwayClient, ids: Mapping[str, str], variables: Mapping[str, str]) -> None:
    client.execute(UPSERT, {"input": {**ids, "variables": dict(variables), "skipDeploys": True}})
