"""Variables of a service in one environment."""

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
    query variables($projectId: String!, $environmentId: String!, $serviceId: String!) {
      variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true)
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


def read(client: RailwayClient, place: Place) -> dict[str, str | None]:
    """All variables by name, references `${{ }}` unrendered; a sealed one is None or absent. Raises `NotFound`."""
    return client.execute(READ, place.ids()).mapping()


def upsert(client: RailwayClient, place: Place, variables: Mapping[str, str]) -> None:
    """Set all of these in one call; others stay as they are, and nothing is deployed."""
    client.execute(UPSERT, {"input": {**place.ids(), "variables": dict(variables), "skipDeploys": True}})
