"""Starting exactly one deployment, and knowing its id even where Railway does not tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api import deployments, instances, services
from pulumi_railway.api.deployments import Deployment, Source
from pulumi_railway.api.errors import AmbiguousResult, NotFound, Refused
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
            line = f"{describe(deployment)} is under way, and nobody would judge it: cancelling it."
            context.log("warning", f"{line[0].upper()}{line[1:]}")
            cancel(context, deployment.id)


def start(run: Start, source: Source, *, connected: bool) -> str:
    """Start a deployment and return its id. Connecting a repository builds its head: that is the deployment."""
    if not connected:
        _connect(run, source)
    _stop_auto_deploys(run)
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


def is_connected(context: Context, place: Place, source: Source, instance: instances.Instance) -> bool:
    """Whether the service builds this repository and branch already."""
    if instance.repository != source.repository:
        return False
    return source in deployments.sources(context.api, place)


def _connect(run: Start, source: Source) -> None:
    try:
        services.connect(run.context.api, run.place.service_id, source.repository, source.branch)
    except AmbiguousResult as error:
        run.context.log("warning", f"{error} Looking whether the repository was connected.")
        instance = instances.read(run.context.api, run.place)
        if not is_connected(run.context, run.place, source, instance):
            message = f"The repository is not connected, so nothing was started: run again. ({error.message})"
            raise ResourceError(message) from error
    except (Refused, NotFound) as error:
        raise ResourceError(
            f"Repository {source.repository} is not connected to service {run.place.service_id}, so nothing was "
            f"deployed. {error} Check that it exists, has the branch {source.branch} and that Railway's GitHub app "
            "may read it."
        ) from error


def _stop_auto_deploys(run: Start) -> None:
    """What Railway deploys by itself after a push is judged by nobody, and would replace what was."""
    try:
        instances.stop_auto_deploys(run.context.api, run.place)
    except Refused as error:
        run.context.log("warning", f"Pushes go on to be deployed by Railway itself, unjudged: {error}")


def _appeared(run: Start, limit: float) -> Deployment | None:
    """The new deployment of the commit, else the first new one; None where none appears."""
    for _ in run.clock.polls(limit):
        new = [each for each in deployments.recent(run.context.api, run.place) if each.id not in run.before]
        if new:
            return next((each for each in new if each.commit == run.commit), new[-1])
    return None
