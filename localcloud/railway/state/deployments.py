"""When a deployment starts, what it takes along, and what may be done to it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from localcloud.railway.errors import COMMIT_NOT_FOUND, DEPLOYMENT_LIMIT, NO_SNAPSHOT, RailwayError, not_found
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import (
    BEFORE_IMAGE,
    LIVE,
    UNFINISHED,
    Captured,
    Deployment,
    Image,
    Instance,
    Source,
    Status,
    new_id,
)
from localcloud.railway.state.references import deployment_variables, plain, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.core.working_copy import Commit, WorkingCopy
    from localcloud.railway.state.world import World

_UNREPEATABLE = BEFORE_IMAGE | {Status.FAILED, Status.SKIPPED, Status.REMOVED}


class Runner(Protocol):
    """Whoever makes deployments run. None of its methods waits."""

    def launch(self, deployment: Deployment) -> None:
        """Begin to build and run the deployment."""

    def remove(self, deployment: Deployment) -> None:
        """Take it offline, draining; it ends as REMOVED."""

    def stop(self, deployment: Deployment) -> None:
        """End its process; the status stays."""

    def restart(self, deployment: Deployment) -> None:
        """End its process and start it again as it was."""

    def release(self, deployment: Deployment) -> None:
        """Let a deployment go on that is held at a status."""


class DeploymentRules:
    """Starts deployments of instances and passes orders about them on to the runner."""

    def __init__(self, world: World, working_copy: WorkingCopy, runner: Runner) -> None:
        self._world = world
        self._working_copy = working_copy
        self._runner = runner

    def deploy(self, instance: Instance, commit: str | None = None, *, reason: str = "deploy") -> Deployment:
        """Deploy a commit; without one the commit the instance is pinned to, which may be an old one."""
        if instance.source.repo is None and instance.source.image is None:
            raise RailwayError("Cannot deploy a service without a source")
        if commit is not None and not self._working_copy.has(commit):
            raise RailwayError(COMMIT_NOT_FOUND)
        if instance.source.repo is not None:
            commit = commit or instance.source.commit or self._working_copy.head
        return self._start(instance, commit, reason)

    def deploy_head(self, instance: Instance, *, reason: str = "deploy") -> Deployment:
        """Deploy the head of the branch."""
        return self.deploy(instance, self._working_copy.head, reason=reason)

    def skip(self, instance: Instance, commit: str) -> Deployment:
        """Note a push that concerns nothing that is watched: a deployment that is SKIPPED, without a snapshot."""
        return self._start(instance, commit, "push", skipped=True)

    def deploy_change(self, instance: Instance) -> None:
        """Deploy after a change of variables or settings; a service that was never deployed stays as it is."""
        if any(deployment.snapshot_id for deployment in self._world.deployments_of(instance)):
            self.deploy(instance, reason="change")

    def redeploy_latest(self, instance: Instance) -> Deployment:
        """Run the newest snapshot again with the variables and settings of now."""
        latest = next(iter(self._world.deployments_of(instance)), None)
        if latest is None:
            raise RailwayError(NO_SNAPSHOT)
        return self.redeploy(latest, use_image=False)

    def redeploy(self, deployment: Deployment, *, use_image: bool) -> Deployment:
        """Run the snapshot of a deployment again with the variables and settings of now."""
        if not self.can_redeploy(deployment):
            raise RailwayError(NO_SNAPSHOT)
        image = deployment.image if use_image and self._keeps_image(deployment) else None
        commit = deployment.captured.source.commit
        return self._start(self._instance_of(deployment), commit, "redeploy", image=image)

    def roll_back(self, deployment: Deployment) -> Deployment:
        """Run a deployment again as it was: its image, settings and variables, which become the service's again."""
        if not self.can_roll_back(deployment):
            raise RailwayError("Deployment cannot be rolled back to")
        instance = self._instance_of(deployment)
        captured = deployment.captured
        instance.variables.write(captured.variables, self._world.behaviour.read_lag)
        return self._start(
            instance, captured.source.commit, "rollback", image=deployment.image, settings=captured.settings
        )

    def can_redeploy(self, deployment: Deployment) -> bool:
        """Whether it has a snapshot to run again."""
        return deployment.snapshot_id is not None and deployment.status not in _UNREPEATABLE

    def can_roll_back(self, deployment: Deployment) -> bool:
        """Whether it was live once, is not now, and its image is still there."""
        return deployment.was_live and self._keeps_image(deployment) and deployment.status not in LIVE

    def _keeps_image(self, deployment: Deployment) -> bool:
        """Images of what has left are kept for a while only."""
        left = deployment.status in {Status.REMOVING, Status.REMOVED}
        age = (now() - deployment.status_updated_at).total_seconds()
        return deployment.image is not None and not (left and age >= self._world.behaviour.image_retention)

    def cancel(self, deployment: Deployment) -> None:
        """Stop a deployment that has not finished."""
        if deployment.status not in UNFINISHED:
            raise RailwayError("Deployment cannot be cancelled")
        self._runner.remove(deployment)

    def remove(self, deployment: Deployment) -> None:
        """Take a deployment offline; nothing replaces it."""
        self._runner.remove(deployment)

    def stop(self, deployment: Deployment) -> None:
        """End the process and leave the status."""
        self._runner.stop(deployment)

    def restart(self, deployment: Deployment) -> None:
        """Start the process again with what the deployment captured."""
        if deployment.status not in LIVE | {Status.CRASHED}:
            raise RailwayError("Deployment is not running")
        self._runner.restart(deployment)

    def approve(self, deployment: Deployment) -> None:
        """Let a deployment go on that waits for approval."""
        if deployment.status is not Status.NEEDS_APPROVAL:
            raise RailwayError("Deployment does not need approval")
        self._runner.release(deployment)

    def release(self, deployment: Deployment) -> None:
        """Let a deployment go on at whatever status it is held."""
        self._runner.release(deployment)

    def _start(
        self,
        instance: Instance,
        commit: str | None,
        reason: str,
        *,
        image: Image | None = None,
        settings: Mapping[str, Any] | None = None,
        skipped: bool = False,
    ) -> Deployment:
        self._check_limit(instance)
        source = replace(instance.source, commit=commit)
        deployment_id, details = new_id(), self._details(commit)
        added = deployment_variables(deployment_id, source, details)
        deployment = Deployment(
            id=deployment_id,
            project_id=self._world.services[instance.service_id].project_id,
            environment_id=instance.environment_id,
            service_id=instance.service_id,
            captured=self._captured(instance, source, added, settings),
            reason=reason,
            image=image,
            snapshot_id=new_id() if image else None,
            hold=Status.SKIPPED if skipped else self._next_hold(),
            commit_message=details.message if details else None,
            commit_author=details.author if details else None,
        )
        if not skipped:
            instance.source = source
            self._supersede(instance)
        self._world.deployments[deployment.id] = deployment
        self._runner.launch(deployment)
        return deployment

    def _captured(
        self, instance: Instance, source: Source, added: Mapping[str, str], settings: Mapping[str, Any] | None
    ) -> Captured:
        return Captured(
            source=source,
            settings=dict(instance.settings.current if settings is None else settings),
            variables=instance.variables.current,
            environment=rendered(self._world, instance, {**added, **plain(instance)}),
        )

    def _details(self, commit: str | None) -> Commit | None:
        known = commit is not None and self._working_copy.has(commit)
        return self._working_copy.commit(commit) if commit and known else None

    def _next_hold(self) -> Status | None:
        holds = self._world.behaviour.holds
        return Status(holds.pop(0)) if holds else None

    def _supersede(self, instance: Instance) -> None:
        if not self._world.behaviour.supersede:
            return
        for older in self._world.deployments_of(instance):
            if older.status in BEFORE_IMAGE:
                self._runner.remove(older)

    def _check_limit(self, instance: Instance) -> None:
        since = now() - timedelta(minutes=1)
        recent = sum(each.created_at > since for each in self._world.deployments_of(instance))
        if recent >= self._world.behaviour.deployments_per_minute:
            raise RailwayError(DEPLOYMENT_LIMIT)

    def _instance_of(self, deployment: Deployment) -> Instance:
        instance = self._world.instance(deployment.service_id, deployment.environment_id)
        if instance is None:
            raise not_found("ServiceInstance")
        return instance


def go_live(world: World, deployment: Deployment) -> list[Deployment] | None:
    """Make `deployment` the one that serves, and return those it takes over from.

    None, and nothing changes, where its instance is gone or a newer deployment is live.
    """
    instance = world.instance(deployment.service_id, deployment.environment_id)
    if instance is None:
        return None
    newest_first = world.deployments_of(instance)
    position = newest_first.index(deployment)
    if any(newer.status in LIVE for newer in newest_first[:position]):
        return None
    if instance.serving is not None:
        instance.switched_at = time.monotonic()
    elif lag := world.behaviour.route_lag:
        instance.routed_at = instance.switched_at = time.monotonic() + lag
    instance.serving = deployment.id
    deployment.was_live = True
    return [older for older in newest_first[position + 1 :] if older.status in LIVE | UNFINISHED]
