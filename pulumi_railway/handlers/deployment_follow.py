"""Following one deployment by its id to its end, and saying precisely why it failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_railway.api import deployments, variables
from pulumi_railway.api.deployments import SERVING
from pulumi_railway.api.errors import RailwayError, Refused
from pulumi_railway.errors import ResourceError
from pulumi_railway.secret_parts import is_secret_alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_railway.api.deployments import Deployment, Event
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

UNFINISHED: Final = ("QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "WAITING")

HELD: Final = "NEEDS_APPROVAL"

LOG_LINES: Final = 50

_NOT_STARTED: Final = ("QUEUED", "INITIALIZING")
_LEAVING: Final = ("REMOVING", "REMOVED")
_FALLEN: Final = ("CRASHED", "RESTARTING", "EXITED")
_CRASHES: Final = 2
_BUILD_STEPS: Final = ("SNAPSHOT_CODE", "BUILD_IMAGE", "PUBLISH_IMAGE")

_HEARTBEAT: Final = 15.0
"""Seconds after which a status that did not change is told again."""

_ENDINGS: Final = {
    "SKIPPED": "Railway skipped it, so nothing was built: no file under the watch patterns changed in this commit. "
    "Widen watchPatterns or remove them.",
}

_HINTS: Final = {
    "SNAPSHOT_CODE": "Check that the repository, the branch, the commit and rootDirectory exist.",
    "BUILD_IMAGE": "Check that rootDirectory holds the Dockerfile and that it builds.",
    "HEALTHCHECK": "Check that the process listens on the port given by PORT, on all addresses, that the domain's "
    "targetPort is that port, and that healthcheckPath answers 200 within healthcheckTimeout.",
    "CREATE_CONTAINER": "Check the start command and the variables it needs.",
}

_OVERDUE: Final = {
    "DEPLOYING": _HINTS["HEALTHCHECK"],
    "WAITING": "Railway waits for the checks of its commit on GitHub (Wait for CI), so nothing was built. See why they "
    "do not pass, then run again: that starts another.",
}
"""What to look at where the time is up in a status."""


class DeploymentFailedError(ResourceError):
    """The deployment ended, or will end, without serving."""


class DeploymentHeldError(ResourceError):
    """The deployment goes on when somebody allows it."""


class DeploymentStuckError(ResourceError):
    """The deployment does not begin."""


@dataclass
class _Crashes:
    """Counts how often processes fell: as polls saw it, and as Railway counts it, since a fall is over in a moment."""

    seen: dict[str, str] = field(default_factory=dict)
    count: int = 0
    asked_at: float = 0.0

    def look(self, context: Context, deployment: Deployment, seconds: float) -> int:
        """Note what a poll saw after so many seconds; after a fall, and now and then, ask for Railway's count too."""
        due = seconds - self.asked_at >= _HEARTBEAT
        fell = self.count != self.note(deployment)
        if deployment.status == "DEPLOYING" and (due or fell):
            self.asked_at = seconds
            self.count = max(self.count, _falls(deployments.events(context.api, deployment.id)))
        return self.count

    def note(self, deployment: Deployment) -> int:
        for instance, status in deployment.instances:
            if status in _FALLEN and self.seen.get(instance) not in _FALLEN:
                self.count += 1
            self.seen[instance] = status
        return self.count


@dataclass(frozen=True)
class Limits:
    """Seconds: for the whole deployment, and for the time before it begins."""

    total: float = 1800.0
    stuck: float = 300.0


def follow(context: Context, clock: Clock, place: Place, deployment_id: str, limits: Limits) -> Deployment:
    """Wait until it serves.

    Raises `DeploymentFailedError` with step, reason and logs, `DeploymentStuckError`, or `DeploymentHeldError`.
    """
    crashes = _Crashes()
    told, told_at, begun_at = "", 0.0, 0.0
    deployment = None
    for seconds in clock.polls(limits.total):
        deployment = deployments.read(context.api, deployment_id)
        if deployment.status != told or seconds - told_at >= _HEARTBEAT:
            context.log("info", f"Deployment {deployment_id}: {deployment.status} ({seconds:.0f} s)")
            told, told_at = deployment.status, seconds
        if deployment.status in SERVING:
            return deployment
        if crashes.look(context, deployment, seconds) >= _CRASHES:
            raise _failed(context, place, deployment, "its process crashed twice")
        _check_end(context, place, deployment)
        begun_at = begun_at if deployment.status in _NOT_STARTED else seconds
        if deployment.status in _NOT_STARTED and seconds - begun_at >= limits.stuck:
            raise DeploymentStuckError(f"Deployment {deployment_id} is {deployment.status} for {limits.stuck:.0f} s.")
    last = deployment.status if deployment else "unknown"
    raise DeploymentFailedError(
        f"Deployment {deployment_id} is not ready after {limits.total:.0f} s; its status is {last}. "
        f"{_OVERDUE.get(last, '')}".strip()
    )


def cancel(context: Context, deployment_id: str) -> None:
    """Stop it where it is not finished; Railway refuses to cancel one that a newer one has replaced already."""
    try:
        deployments.cancel(context.api, deployment_id)
    except Refused:
        if deployments.read(context.api, deployment_id).status in (*UNFINISHED, HELD):
            raise


def describe(deployment: Deployment) -> str:
    """A deployment for people."""
    commit = f" of commit {deployment.commit[:12]}" if deployment.commit else ""
    return f"deployment {deployment.id}{commit} ({deployment.status})"


def failure(context: Context, place: Place, deployment: Deployment, reason: str) -> str:
    """Why a deployment failed: the step, what Railway says of it, a hint, and the last log lines without secrets."""
    headline = f"Deployment {deployment.id}: {reason}"
    try:
        events = deployments.events(context.api, deployment.id)
        failed = next((event for event in reversed(events) if event.error), None)
        step = failed.step if failed else (events[-1].step if events else "")
        lines = _logs(context, place, deployment.id, step)
    except RailwayError as error:
        return f"{headline}. Its steps and logs could not be read: {error}"
    where = f" in step {step}" if step else ""
    told = f": {failed.error}" if failed else ""
    text = f"{headline}{where}{told}. {_HINTS.get(step, '')}".strip()
    if lines:
        text = "\n".join([f"{text} The last {len(lines)} log lines:", *(f"  {line}" for line in lines)])
    return context.secrets.redactor(text)


def _falls(events: list[Event]) -> int:
    """How often a process fell by the count of its starts: all but the last did, and that one where it says so."""
    starts = [event for event in events if event.step == "CREATE_CONTAINER"]
    return max(((event.attempt or 1) - (not event.error) for event in starts), default=0)


def _check_end(context: Context, place: Place, deployment: Deployment) -> None:
    if deployment.status in _LEAVING:
        raise DeploymentFailedError(
            f"Deployment {deployment.id} is {deployment.status}: {_why_removed(context, place, deployment)}"
        )
    if deployment.status == HELD:
        raise DeploymentHeldError(
            f"Deployment {deployment.id} is {HELD}: it waits for somebody's approval in Railway: approve it there, "
            "then run again. Nothing was published."
        )
    if deployment.status in _ENDINGS:
        raise DeploymentFailedError(f"Deployment {deployment.id} is {deployment.status}: {_ENDINGS[deployment.status]}")
    if deployment.status not in UNFINISHED:
        raise _failed(context, place, deployment, f"it {deployment.status}")


def _why_removed(context: Context, place: Place, deployment: Deployment) -> str:
    recent = deployments.recent(context.api, place)
    newer = [each for each in recent if each.created_at > deployment.created_at]
    if not newer:
        return "somebody removed it."
    return f"{describe(newer[0])} was started by somebody else, e.g. by a push, and replaced it."


def _failed(context: Context, place: Place, deployment: Deployment, reason: str) -> DeploymentFailedError:
    return DeploymentFailedError(failure(context, place, deployment, reason))


def _logs(context: Context, place: Place, deployment_id: str, step: str) -> list[str]:
    """The build's log where the build failed, else the process's; the service's own variables are made known first."""
    for secret in _secrets(variables.read(context.api, place), variables.read(context.api, place, rendered=True)):
        context.secrets.redactor.register(secret)
    read = deployments.build_logs if step in _BUILD_STEPS else deployments.deploy_logs
    return read(context.api, deployment_id, LOG_LINES)


def _secrets(written: Mapping[str, str | None], rendered: Mapping[str, str | None]) -> list[str]:
    """What stands behind the names that somebody wrote; what Railway adds is public."""
    public = {value for name, value in rendered.items() if name not in written}
    values = [value for name in written if (value := rendered.get(name)) and value not in public]
    return [each for each in values if is_secret_alone(each)]
