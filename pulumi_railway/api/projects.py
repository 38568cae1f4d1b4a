"""Projects: one read gives the environments and services there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import query

if TYPE_CHECKING:
    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient

PROJECT: Final = query(
    "project",
    """
    query project($id: String!, $environments: String, $services: String) {
      project(id: $id) {
        id
        name
        environments(first: 100, after: $environments) {
          edges { node { id name } }
          pageInfo { hasNextPage endCursor }
        }
        services(first: 100, after: $services) {
          edges { node { id name deletedAt } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)


@dataclass(frozen=True)
class Named:
    """An object of a project by id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class Project:
    """A project with everything in it; services that are being deleted are left out."""

    id: str
    name: str
    environments: tuple[Named, ...]
    services: tuple[Named, ...]


def read(client: RailwayClient, project_id: str) -> Project:
    """The project with all its environments and services, page by page. Raises `NotFound` for an unknown id."""
    found: dict[str, dict[str, Named]] = {"environments": {}, "services": {}}
    cursors: dict[str, str | None] = dict.fromkeys(found)
    while True:
        answer = client.execute(PROJECT, {"id": project_id, **cursors})
        following = {kind: answer[kind].next_cursor() for kind in found}
        for kind, objects in found.items():
            objects.update({named.id: named for named in _living(answer[kind])})
        if not any(following.values()):
            break
        cursors = {kind: following[kind] or cursors[kind] for kind in found}
    environments, services = (tuple(objects.values()) for objects in found.values())
    return Project(answer["id"].text(), answer["name"].text(), environments, services)


def _living(connection: Answer) -> list[Named]:
    nodes = connection.nodes()
    return [Named(node["id"].text(), node["name"].text()) for node in nodes if not node.value.get("deletedAt")]
