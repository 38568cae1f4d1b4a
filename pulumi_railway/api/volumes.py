"""Volumes: their instances in an environment; there is no lookup of a single one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation, query

if TYPE_CHECKING:
    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.api.place import Place

READ: Final = query(
    "environment",
    """
    query environment($id: String!, $after: String) {
      environment(id: $id) {
        volumeInstances(first: 100, after: $after) {
          edges { node { volumeId serviceId mountPath region deletedAt isPendingDeletion volume { name } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)
CREATE: Final = mutation(
    "volumeCreate",
    "mutation volumeCreate($input: VolumeCreateInput!) { volumeCreate(input: $input) { id } }",
    idempotent=False,
    one_at_a_time=True,
)
RENAME: Final = mutation(
    "volumeUpdate",
    """
    mutation volumeUpdate($volumeId: String!, $input: VolumeUpdateInput!) {
      volumeUpdate(volumeId: $volumeId, input: $input) { id }
    }
    """,
    idempotent=True,
)
MOVE: Final = mutation(
    "volumeInstanceUpdate",
    """
    mutation volumeInstanceUpdate($volumeId: String!, $environmentId: String!, $input: VolumeInstanceUpdateInput!) {
      volumeInstanceUpdate(volumeId: $volumeId, environmentId: $environmentId, input: $input)
    }
    """,
    idempotent=True,
)
DELETE: Final = mutation(
    "volumeDelete",
    "mutation volumeDelete($volumeId: String!) { volumeDelete(volumeId: $volumeId) }",
    idempotent=True,
)


@dataclass(frozen=True)
class Volume:
    """A volume in one environment; `service_id` is None while it is detached."""

    id: str
    name: str
    service_id: str | None
    mount_path: str
    region: str | None


def read(client: RailwayClient, environment_id: str) -> list[Volume]:
    """The volumes of an environment, those being deleted left out. Raises `NotFound` where the environment is gone."""
    found: dict[str, Volume] = {}
    for page in client.pages(READ, {"id": environment_id}, "volumeInstances"):
        live = [node for node in page["volumeInstances"].nodes() if not _is_going(node)]
        found |= {node["volumeId"].text(): _volume(node) for node in live}
    return list(found.values())


def create(client: RailwayClient, place: Place, mount_path: str, region: str | None) -> str:
    """Make a volume for a service and return its id; Railway names it.

    Raises `AmbiguousResult` where no answer came: look at the environment before anything else.
    """
    fields = {**place.ids(), "mountPath": mount_path} | ({"region": region} if region else {})
    return client.execute(CREATE, {"input": fields})["id"].text()


def rename(client: RailwayClient, volume_id: str, name: str) -> None:
    """Give the volume another name."""
    client.execute(RENAME, {"volumeId": volume_id, "input": {"name": name}})


def move(client: RailwayClient, volume_id: str, place: Place, mount_path: str) -> None:
    """Attach the volume to a service at a path; without the service Railway would detach it."""
    fields = {"serviceId": place.service_id, "mountPath": mount_path}
    client.execute(MOVE, {"volumeId": volume_id, "environmentId": place.environment_id, "input": fields})


def delete(client: RailwayClient, volume_id: str) -> None:
    """Delete the volume with all that is in it; Railway can restore it for 48 hours."""
    client.execute(DELETE, {"volumeId": volume_id})


def _is_going(node: Answer) -> bool:
    return node["deletedAt"].value is not None or node["isPendingDeletion"].boolean()


def _volume(node: Answer) -> Volume:
    return Volume(
        node["volumeId"].text(),
        node["volume"]["name"].text(),
        node["serviceId"].text_or_none(),
        node["mountPath"].text(),
        node["region"].text_or_none(),
    )
