"""Starting exactly one deployment, and knowing its id even where Railway does not tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api import deployments
from pulumi_railway.api.deployments import Deployment
from pulumi_railway.api.errors import AmbiguousResult
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.deployment_follow import HELD, UNFINISHED, cancel, describe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

APPEARS_WITHIN: Final = 60.0
"""Seconds within which a deployment that Railway started by itself is listed."""

_LOOKS_FOR: Final = 20.0
"""Seconds to look for the effect of a request that got no answer."""


@dataclass(frozen=True)
class Start:
    """What to deploy and where; `before` are the ids of the deployments there were."""

    context: Context
    clock: Clock
    place: Place
    commit: str
    before: Collection[str]


def cancel_others(context: Context, recent: Iterable[Deployment], kept: str | None) -> None:
    """Cancel what is under way but for `kept`: nobody would judge it, and it could serve before ours or instead of it.

    Whether a run that was cut off has started it or somebody else, Railway does not tell.
    """
    for deployment in recent:
        if deployment.status in (*UNFINISHED, HELD) and deployment.id != kept:
            context.log("warning", f"Cancelling {describe(deployment)}: it is under way, and nobody would judge it.")
            cancel(context, deployment.id)


def start(run: Start, *, connected: bool) -> str:
    """Start a deployment and return its id. Connecting a repository builds its head: that is the deployment."""
    if connected:
        return deploy(run)
    found = _appeared(run, APPEARS_WITHIN)
    if found is None:
        run.context.log("info", "Connecting the repository started no deployment: starting one.")
        return deploy(run)
    if found.commit not in {None, run.commit}:
        run.context.log(
            "warning", f"The branch's head is another commit: {describe(found)}; deploying {run.commit[:12]}."
        )
        return deploy(run)
    return found.id


def deploy(run: Start) -> str:
    """Deploy the commit; where no answer comes, look for the deployment instead of asking twice."""
    try:
        return deployments.deploy(run.context.api, run.place, run.commit)
    except AmbiguousResult as error:
        run.context.log("warning", f"{error} Looking whether a deployment was started.")
        found = _appeared(run, _LOOKS_FOR)
        if found is None:
            raise ResourceError(f"No deployment is there, so none was started: run again. ({error.message})") from error
        return found.id


def _appeared(run: Start, limit: float) -> Deployment | None:
    """The new deployment of the commit, else the first new one; None where none appears."""
    for _ in run.clock.polls(limit):
        new = [each for each in deployments.recent(run.context.api, run.place) if each.id not in run.before]
        if new:
            return next((each for each in new if each.commit == run.commit), new[-1])
    return None
