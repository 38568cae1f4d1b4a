"""Deployments: start one, follow it, read why it failed, go back, take it offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation, query
from pulumi_railway.api.place import Place

if TYPE_CHECKING:
    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient

SERVING: Final = ("SUCCESS", "SLEEPING")
"""Built, healthy and on the domain; a sleeping one wakes at the next request."""

_FIELDS: Final = "id status createdAt canRollback meta instances { id status }"

READ: Final = query("deployment", f"query deployment($id: String!) {{ deployment(id: $id) {{ {_FIELDS} }} }}")
LIST: Final = query(
    "deployments",
    f"""
    query deployments($input: DeploymentListInput!, $first: Int!) {{
      deployments(input: $input, first: $first) {{
        edges {{ node {{ {_FIELDS} }} }}
        pageInfo {{ hasNextPage endCursor }}
      }}
    }}
    """,
)
DEPLOY: Final = mutation(
    "serviceInstanceDeployV2",
    """
    mutation serviceInstanceDeployV2($environmentId: String!, $serviceId: String!, $commitSha: String!) {
      serviceInstanceDeployV2(environmentId: $environmentId, serviceId: $serviceId, commitSha: $commitSha)
    }
    """,
    idempotent=False,
)
ROLLBACK: Final = mutation(
    "deploymentRollback",
    "mutation deploymentRollback($id: String!) { deploymentRollback(id: $id) }",
    idempotent=False,
)
CANCEL: Final = mutation(
    "deploymentCancel",
    "mutation deploymentCancel($id: String!) { deploymentCancel(id: $id) }",
    idempotent=True,
)
REMOVE: Final = mutation(
    "deploymentRemove",
    "mutation deploymentRemove($id: String!) { deploymentRemove(id: $id) }",
    idempotent=True,
)
EVENTS: Final = query(
    "deploymentEvents",
    """
    query deploymentEvents($id: String!, $after: String) {
      deploymentEvents(id: $id, first: 100, after: $after) {
        edges { node { step completedAt payload { error reason detail attempt } } }
        pageInfo { hasNextPage endCursor }
      }
    }
    """,
)
BUILD_LOGS: Final = query(
    "buildLogs",
    "query buildLogs($id: String!, $limit: Int!) { buildLogs(deploymentId: $id, limit: $limit) { message } }",
)
DEPLOY_LOGS: Final = query(
    "deploymentLogs",
    "query deploymentLogs($id: String!, $limit: Int!) { deploymentLogs(deploymentId: $id, limit: $limit) { message } }",
)
TRIGGERS: Final = query(
    "deploymentTriggers",
    """
    query deploymentTriggers($projectId: String!, $environmentId: String!, $serviceId: String!) {
      deploymentTriggers(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, first: 10) {
        edges { node { repository branch } }
      }
    }
    """,
)


@dataclass(frozen=True)
class Deployment:
    """A deployment as Railway shows it now; `instances` are the statuses of its processes by id."""

    id: str
    status: str
    created_at: str
    can_rollback: bool
    commit: str | None
    instances: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Event:
    """A step of a deployment, e.g. BUILD_IMAGE, and what went wrong in it, empty where nothing did.

    `attempt` counts from 1 where Railway counts them.
    """

    step: str
    error: str
    attempt: int | None


@dataclass(frozen=True)
class Source:
    """What a push trigger watches: `owner/name` and a branch."""

    repository: str
    branch: str


def deploy(client: RailwayClient, place: Place, commit: str) -> str:
    """Start a deployment of `commit` and return its id. Raises `AmbiguousResult` where no answer came."""
    return client.execute(DEPLOY, {**place.instance_ids(), "commitSha": commit}).text()


def read(client: RailwayClient, deployment_id: str) -> Deployment:
    """One deployment. Raises `NotFound`."""
    return _deployment(client.execute(READ, {"id": deployment_id}))


def recent(client: RailwayClient, place: Place, count: int = 20) -> list[Deployment]:
    """The newest deployments of a service, newest first, and the one that serves, however many came after it."""
    page = client.execute(LIST, {"input": place.ids(), "first": count})
    found = [_deployment(node) for node in page.nodes()]
    if page["pageInfo"]["hasNextPage"].boolean() and not any(each.status in SERVING for each in found):
        older = client.execute(LIST, {"input": {**place.ids(), "status": {"in": list(SERVING)}}, "first": 1})
        found += [_deployment(node) for node in older.nodes()]
    return sorted(found, key=lambda deployment: deployment.created_at, reverse=True)


def rollback(client: RailwayClient, deployment_id: str) -> None:
    """Serve this earlier deployment again. Raises `AmbiguousResult` where no answer came."""
    client.execute(ROLLBACK, {"id": deployment_id})


def cancel(client: RailwayClient, deployment_id: str) -> None:
    """Stop a deployment that is not finished."""
    client.execute(CANCEL, {"id": deployment_id})


def remove(client: RailwayClient, deployment_id: str) -> None:
    """Take a deployment offline."""
    client.execute(REMOVE, {"id": deployment_id})


def events(client: RailwayClient, deployment_id: str) -> list[Event]:
    """The steps of a deployment, oldest first."""
    pages = client.pages(EVENTS, {"id": deployment_id})
    return [_event(node) for page in pages for node in page.nodes()]


def build_logs(client: RailwayClient, deployment_id: str, limit: int) -> list[str]:
    """The last `limit` lines of the build."""
    found = client.execute(BUILD_LOGS, {"id": deployment_id, "limit": limit}).items()
    return [line["message"].text() for line in found][-limit:]


def deploy_logs(client: RailwayClient, deployment_id: str, limit: int) -> list[str]:
    """The last `limit` lines of the running processes."""
    found = client.execute(DEPLOY_LOGS, {"id": deployment_id, "limit": limit}).items()
    return [line["message"].text() for line in found][-limit:]


def sources(client: RailwayClient, place: Place) -> list[Source]:
    """The push triggers of a service, at most one in practice."""
    nodes = client.execute(TRIGGERS, place.ids()).nodes()
    return [Source(node["repository"].text(), node["branch"].text()) for node in nodes]


def _deployment(answer: Answer) -> Deployment:
    instances = answer["instances"].items()
    return Deployment(
        id=answer["id"].text(),
        status=answer["status"].text(),
        created_at=answer["createdAt"].text(),
        can_rollback=answer["canRollback"].boolean(),
        commit=answer["meta"].get("commitHash").text_or_none(),
        instances=tuple((instance["id"].text(), instance["status"].text()) for instance in instances),
    )


def _event(answer: Answer) -> Event:
    payload = answer["payload"]
    found = [payload.get(key).text_or_none() for key in ("error", "reason", "detail")]
    told = ": ".join(part for part in found if part)
    return Event(answer["step"].text(), told, payload.get("attempt").integer_or_none())
