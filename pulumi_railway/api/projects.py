"""Projects: one read gives the environments and services there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api import tokens
from pulumi_railway.api.documents import query

if TYPE_CHECKING:
    from datetime import datetime

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
          edges { node { id name deletedAt createdAt } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)

PROJECTS: Final = query(
    "projects",
    """
    query projects($workspaceId: String!, $after: String) {
      projects(workspaceId: $workspaceId, first: 100, after: $after) {
        edges { node { id name deletedAt } }
        pageInfo { hasNextPage endCursor }
      }
    }
    """,
)


@dataclass(frozen=True)
class Environment:
    """An environment of a project."""

    id: str
    name: str


@dataclass(frozen=True)
class Service:
    """A service of a project; one that is `deleted` stays listed for a while."""

    id: str
    name: str
    deleted: bool
    created_at: datetime


@dataclass(frozen=True)
class Project:
    """A project with everything in it."""

    id: str
    name: str
    environments: tuple[Environment, ...]
    services: tuple[Service, ...]


def read(client: RailwayClient, project_id: str) -> Project:
    """The project with all its environments and services, page by page. Raises `NotFound` for an unknown id."""
    environments: dict[str, Environment] = {}
    services: dict[str, Service] = {}
    cursors: dict[str, str | None] = {"environments": None, "services": None}
    while True:
        answer = client.execute(PROJECT, {"id": project_id, **cursors})
        environments |= {node["id"].text(): _environment(node) for node in answer["environments"].nodes()}
        services |= {node["id"].text(): _service(node) for node in answer["services"].nodes()}
        following = {kind: answer[kind].next_cursor(cursors[kind]) for kind in cursors}
        if not any(following.values()):
            break
        cursors = {kind: following[kind] or cursors[kind] for kind in cursors}
    name = answer["name"].text()
    return Project(answer["id"].text(), name, tuple(environments.values()), tuple(services.values()))


def reached(client: RailwayClient) -> dict[str, str]:
    """Names by id of the projects that the token reaches; those being deleted are left out."""
    if client.kind == "project":
        own = read(client, client.execute(tokens.PROJECT_TOKEN, {})["projectId"].text())
        return {own.id: own.name}
    workspaces = client.execute(tokens.API_TOKEN, {})["workspaces"].items()
    pages = [page for each in workspaces for page in client.pages(PROJECTS, {"workspaceId": each["id"].text()})]
    found = [node for page in pages for node in page.nodes() if node["deletedAt"].value is None]
    return {node["id"].text(): node["name"].text() for node in found}


def _environment(node: Answer) -> Environment:
    return Environment(node["id"].text(), node["name"].text())


def _service(node: Answer) -> Service:
    deleted = node["deletedAt"].value is not None
    return Service(node["id"].text(), node["name"].text(), deleted, node["createdAt"].instant())
