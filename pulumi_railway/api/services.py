"""Services: create without a source, connect a repository, rename, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient

CREATE: Final = mutation(
    "serviceCreate",
    "mutation serviceCreate($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }",
    idempotent=False,
)
CONNECT: Final = mutation(
    "serviceConnect",
    """
    mutation serviceConnect($id: String!, $input: ServiceConnectInput!) {
      serviceConnect(id: $id, input: $input) { id }
    }
    """,
    idempotent=False,
)
UPDATE: Final = mutation(
    "serviceUpdate",
    """
    mutation serviceUpdate($id: String!, $input: ServiceUpdateInput!) {
      serviceUpdate(id: $id, input: $input) { id }
    }
    """,
    idempotent=True,
)
DELETE: Final = mutation(
    "serviceDelete",
    """
    mutation serviceDelete($id: String!, $environmentId: String) {
      serviceDelete(id: $id, environmentId: $environmentId)
    }
    """,
    idempotent=True,
)


def create(client: RailwayClient, project_id: str, environment_id: str, name: str, variables: Mapping[str, str]) -> str:
    """Make an empty service with these variables and return its id; without a source nothing is deployed.

    Raises `AmbiguousResult` where no answer came: look for the name before anything else.
    """
    fields = {"projectId": project_id, "environmentId": environment_id, "name": name, "variables": dict(variables)}
    return client.execute(CREATE, {"input": fields})["id"].text()


def connect(client: RailwayClient, service_id: str, repository: str, branch: str) -> None:
    """Take `owner/name` at a branch as the source; Railway starts a deployment of its head.

    Raises `AmbiguousResult` where no answer came: look at the source of the instance.
    """
    client.execute(CONNECT, {"id": service_id, "input": {"repo": repository, "branch": branch}})


def rename(client: RailwayClient, service_id: str, name: str) -> None:
    """Give the service another name."""
    client.execute(UPDATE, {"id": service_id, "input": {"name": name}})


def delete(client: RailwayClient, service_id: str, environment_id: str | None = None) -> None:
    """Delete the service with all that is in it; it stays listed for a moment.

    Where `environment_id` names a copied environment, no other one loses it; else only the copied ones keep it.
    """
    client.execute(DELETE, {"id": service_id, "environmentId": environment_id})
