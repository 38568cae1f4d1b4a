"""The environments of a project: listed, made, renamed, deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api.documents import mutation, query

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient

READ: Final = query(
    "project",
    """
    query project($id: String!, $after: String) {
      project(id: $id) {
        primaryEnvironmentId
        baseEnvironmentId
        environments(first: 100, after: $after) {
          edges { node { id name isEphemeral deletedAt createdAt sourceEnvironment { id } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)
SERVICES: Final = query(
    "environment",
    """
    query environment($id: String!, $after: String) {
      environment(id: $id) {
        serviceInstances(first: 100, after: $after) {
          edges { node { serviceId deletedAt } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)
CREATE: Final = mutation(
    "environmentCreate",
    """
    mutation environmentCreate($input: EnvironmentCreateInput!) {
      environmentCreate(input: $input) { id name isEphemeral createdAt sourceEnvironment { id } }
    }
    """,
    idempotent=False,
    one_at_a_time=True,
)
RENAME: Final = mutation(
    "environmentRename",
    """
    mutation environmentRename($id: String!, $input: EnvironmentRenameInput!) {
      environmentRename(id: $id, input: $input) { id }
    }
    """,
    idempotent=True,
)
DELETE: Final = mutation(
    "environmentDelete",
    "mutation environmentDelete($id: String!) { environmentDelete(id: $id) }",
    idempotent=True,
)


@dataclass(frozen=True)
class Environment:
    """An environment; `source_id` is that of the one it was copied from, `primary` whether the project needs it."""

    id: str
    name: str
    ephemeral: bool
    source_id: str | None
    created_at: datetime
    primary: bool = False


def read(client: RailwayClient, project_id: str) -> dict[str, Environment]:
    """All environments of a project by id, those being deleted left out. Raises `NotFound` for an unknown project."""
    found: dict[str, Environment] = {}
    for answer in client.pages(READ, {"id": project_id}, "environments"):
        needed = {answer[name].text_or_none() for name in ("primaryEnvironmentId", "baseEnvironmentId")}
        nodes = answer["environments"].nodes()
        live = [_environment(node, needed) for node in nodes if node["deletedAt"].value is None]
        found |= {each.id: each for each in live}
    return found


def family(there: Mapping[str, Environment], environment_id: str) -> list[Environment]:
    """The other environments that are copies of this one, or that it is one of, or that have the same source."""
    roots = {each.id: each.source_id or each.id for each in there.values()}
    root = roots.get(environment_id)
    return [each for each in there.values() if each.id != environment_id and roots[each.id] == root]


def services(client: RailwayClient, environment_id: str) -> set[str]:
    """The ids of the services that have an instance in the environment. Raises `NotFound` for an unknown one."""
    found: set[str] = set()
    for page in client.pages(SERVICES, {"id": environment_id}, "serviceInstances"):
        nodes = page["serviceInstances"].nodes()
        found |= {node["serviceId"].text() for node in nodes if node["deletedAt"].value is None}
    return found


def create(client: RailwayClient, inputs: Mapping[str, Any]) -> Environment:
    """Make an environment as the inputs say, under Railway's names; its instances may come later.

    Raises `AmbiguousResult` where no answer came: look for the name before anything else.
    """
    return _environment(client.execute(CREATE, {"input": dict(inputs)}))


def rename(client: RailwayClient, environment_id: str, name: str) -> None:
    """Give the environment another name."""
    client.execute(RENAME, {"id": environment_id, "input": {"name": name}})


def delete(client: RailwayClient, environment_id: str) -> None:
    """Delete the environment with all that is in it."""
    client.execute(DELETE, {"id": environment_id})


def _environment(node: Answer, needed: Collection[str | None] = ()) -> Environment:
    source = node["sourceEnvironment"]
    source_id = None if source.value is None else source["id"].text()
    environment_id = node["id"].text()
    return Environment(
        environment_id,
        node["name"].text(),
        node["isEphemeral"].boolean(),
        source_id,
        node["createdAt"].instant(),
        environment_id in needed,
    )
