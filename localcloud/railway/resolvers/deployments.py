"""Deployments, their events and logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always
from localcloud.railway.state.manifest import meta, public_domain
from localcloud.railway.state.model import UNFINISHED, Deployment, Environment, Event, Log, Service, Status

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.railway.context import Context

_LIMIT = 100
_MOST = 5000
_FILTERS = {"projectId": "project_id", "environmentId": "environment_id", "serviceId": "service_id"}


def deployment(context: Context, *, id_: str) -> Deployment:
    """One deployment."""
    return context.deployment(id_)


def deployments(context: Context, *, given: dict[str, Any]) -> list[Deployment]:
    """The deployments that match, newest first."""
    _check_scope(context, given)
    statuses = given.get("status") or {}
    wanted, unwanted = statuses.get("in"), statuses.get("notIn") or []
    return [
        each
        for each in reversed(context.world.deployments.values())
        if all(getattr(each, name) == given[key] for key, name in _FILTERS.items() if given.get(key))
        and (wanted is None or each.status in wanted)
        and each.status not in unwanted
        and context.caller.may_see(each.project_id, each.environment_id)
    ]


def _check_scope(context: Context, given: dict[str, Any]) -> None:
    if not any(given.get(key) for key in _FILTERS):
        raise RailwayError(BAD_INPUT)
    if given.get("projectId"):
        context.project(given["projectId"])
    if given.get("environmentId"):
        context.environment(given["environmentId"])
    if given.get("serviceId"):
        context.service(given["serviceId"])


def deployment_events(context: Context, *, id_: str) -> list[Event]:
    """The steps of a deployment so far."""
    return context.deployment(id_).events


def build_logs(context: Context, *, deployment_id: str, **query: Any) -> list[dict[str, Any]]:
    """The log of the build."""
    found = context.deployment(deployment_id)
    return _lines(found, found.build_logs, **query)


def deployment_logs(context: Context, *, deployment_id: str, **query: Any) -> list[dict[str, Any]]:
    """What the process wrote."""
    found = context.deployment(deployment_id)
    return _lines(found, found.deploy_logs, **query)


def _lines(
    found: Deployment,
    lines: list[Log],
    *,
    limit: int | None = None,
    filter: str | None = None,  # noqa: A002 - Railway's name
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> list[dict[str, Any]]:
    """The newest lines that match, oldest first: one more than asked for, and none for more than 5000."""
    limit = _LIMIT if limit is None else limit
    if limit > _MOST:
        return []
    matching = [
        line
        for line in lines
        if (not filter or filter in line.message)
        and (start_date is None or line.time >= start_date)
        and (end_date is None or line.time <= end_date)
    ]
    return [_line(found, line) for line in matching[-(limit + 1) :]]


def _line(found: Deployment, line: Log) -> dict[str, Any]:
    return {
        "timestamp": line.timestamp,
        "message": line.message,
        "severity": line.severity,
        "attributes": line.attributes,
        "tags": {
            "deployment_id": found.id,
            "deployment_instance_id": found.id,
            "environment_id": found.environment_id,
            "project_id": found.project_id,
            "service_id": found.service_id,
            "snapshot_id": found.snapshot_id,
        },
    }


def service_instance_deploy_v2(
    context: Context, *, service_id: str, environment_id: str, commit_sha: str | None = None
) -> str:
    """Deploy a commit, or the pinned one; the id of the deployment."""
    return context.rules.deployments.deploy(context.instance(service_id, environment_id), commit_sha).id


def service_instance_deploy(
    context: Context,
    *,
    service_id: str,
    environment_id: str,
    commit_sha: str | None = None,
    latest_commit: bool | None = None,
) -> bool:
    """Deploy a commit, the head, or the pinned one."""
    instance = context.instance(service_id, environment_id)
    if latest_commit:
        context.rules.deployments.deploy_head(instance)
    else:
        context.rules.deployments.deploy(instance, commit_sha)
    return True


def service_instance_redeploy(context: Context, *, service_id: str, environment_id: str) -> bool:
    """Run the last snapshot again."""
    context.rules.deployments.redeploy_latest(context.instance(service_id, environment_id))
    return True


def deployment_redeploy(context: Context, *, id_: str, use_previous_image_tag: bool | None = None) -> Deployment:
    """Run the snapshot of a deployment again."""
    found = context.deployment(id_)
    return context.rules.deployments.redeploy(found, use_image=bool(use_previous_image_tag))


def deployment_rollback(context: Context, *, id_: str) -> bool:
    """Go back to a deployment: a new one starts with its image and variables."""
    context.rules.deployments.roll_back(context.deployment(id_))
    return True


def deployment_remove(context: Context, *, id_: str) -> bool:
    """Take a deployment offline."""
    context.rules.deployments.remove(context.deployment(id_))
    return True


def deployment_cancel(context: Context, *, id_: str) -> bool:
    """Stop an unfinished deployment."""
    context.rules.deployments.cancel(context.deployment(id_))
    return True


def deployment_stop(context: Context, *, id_: str) -> bool:
    """End the process of a deployment."""
    context.rules.deployments.stop(context.deployment(id_))
    return True


def deployment_restart(context: Context, *, id_: str) -> bool:
    """Start the process of a deployment again."""
    context.rules.deployments.restart(context.deployment(id_))
    return True


def deployment_approve(context: Context, *, id_: str) -> bool:
    """Let a deployment go on that waits for approval."""
    context.rules.deployments.approve(context.deployment(id_))
    return True


def _meta(_: Context, source: Deployment) -> dict[str, Any]:
    return meta(source)


def _url(context: Context, source: Deployment) -> str | None:
    return public_domain(context.world, source)


def _can_redeploy(context: Context, source: Deployment) -> bool:
    return context.rules.deployments.can_redeploy(source)


def _can_roll_back(context: Context, source: Deployment) -> bool:
    return context.rules.deployments.can_roll_back(source)


def _stopped(_: Context, source: Deployment) -> bool:
    """True also while INITIALIZING, as Railway has been seen to answer."""
    return source.port is None and (source.status not in UNFINISHED or source.status is Status.INITIALIZING)


def _instances(_: Context, source: Deployment) -> list[dict[str, str]]:
    return [{"id": source.id, "status": source.instance_status}] if source.instance_status else []


def _environment(context: Context, source: Deployment) -> Environment:
    return context.world.environments[source.environment_id]


def _service(context: Context, source: Deployment) -> Service:
    return context.service(source.service_id)


def _updated(_: Context, source: Deployment) -> datetime:
    return source.status_updated_at


def _payload(name: str) -> Callable[[Context, dict[str, Any]], Any]:
    return lambda _, source: source.get(name)


_PAYLOAD = ("attempt", "detail", "durationMs", "error", "maxAttempts", "reason", "skipped")

QUERIES: Resolvers = {
    "deployment": deployment,
    "deployments": deployments,
    "deploymentEvents": deployment_events,
    "buildLogs": build_logs,
    "deploymentLogs": deployment_logs,
}
MUTATIONS: Resolvers = {
    "serviceInstanceDeployV2": service_instance_deploy_v2,
    "serviceInstanceDeploy": service_instance_deploy,
    "serviceInstanceRedeploy": service_instance_redeploy,
    "deploymentRedeploy": deployment_redeploy,
    "deploymentRollback": deployment_rollback,
    "deploymentRemove": deployment_remove,
    "deploymentCancel": deployment_cancel,
    "deploymentStop": deployment_stop,
    "deploymentRestart": deployment_restart,
    "deploymentApprove": deployment_approve,
}
TYPES: TypeResolvers = {
    "Deployment": {
        "meta": _meta,
        "url": _url,
        "staticUrl": _url,
        "canRedeploy": _can_redeploy,
        "canRollback": _can_roll_back,
        "deploymentStopped": _stopped,
        "instances": _instances,
        "environment": _environment,
        "service": _service,
        "updatedAt": _updated,
        "diagnosis": always(None),
    },
    "DeploymentEventPayload": {name: _payload(name) for name in _PAYLOAD},
}
