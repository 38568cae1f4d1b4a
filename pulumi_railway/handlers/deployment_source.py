"""What a service is built from, and whether a push deploys it: how it is, and how it becomes what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import deployments, instances, services
from pulumi_railway.api.errors import AmbiguousResult, NotFound, Refused
from pulumi_railway.errors import ResourceError

if TYPE_CHECKING:
    from pulumi_railway.api.deployments import Source
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context, Properties

AUTO_DEPLOY: Final = "autoDeploy"
"""The input that says whether Railway deploys each push by itself."""


@dataclass(frozen=True)
class Pushes:
    """Whether Railway deploys them by itself, and why that is not as asked for, empty where it is."""

    deployed: bool
    problem: str = ""


def live(context: Context, place: Place, recorded: Properties) -> dict[str, Any]:
    """`repository` and `branch`, empty where there is none, and `autoDeploy`, as recorded where Railway does not tell.

    Raises `NotFound` where there is no instance.
    """
    repository = instances.read(context.api, place).repository or ""
    followed = deployments.sources(context.api, place)
    branch = next((source.branch for source in followed if source.repository == repository), "")
    seen = _auto_deploy(context, place)
    switched_on = recorded.get(AUTO_DEPLOY, False) if seen is None else seen
    return {"repository": repository, "branch": branch, AUTO_DEPLOY: switched_on}


def is_connected(context: Context, place: Place, source: Source, instance: instances.Instance) -> bool:
    """Whether the service builds this repository and branch already."""
    if instance.repository != source.repository:
        return False
    return source in deployments.sources(context.api, place)


def connect(context: Context, place: Place, source: Source) -> None:
    """Let the service build this repository and branch; Railway deploys the head. Raises `ResourceError`."""
    try:
        services.connect(context.api, place.service_id, source.repository, source.branch)
    except AmbiguousResult as error:
        context.log("warning", f"{error} Looking whether the repository was connected.")
        if not is_connected(context, place, source, instances.read(context.api, place)):
            message = f"The repository is not connected, so nothing was started: run again. ({error.message})"
            raise ResourceError(message) from error
    except (Refused, NotFound) as error:
        raise ResourceError(
            f"Repository {source.repository} is not connected to service {place.service_id}, so nothing was deployed. "
            f"{error} Check that it exists, has the branch {source.branch} and that Railway's GitHub app may read it."
        ) from error


def set_auto_deploy(context: Context, place: Place, *, enabled: bool) -> Pushes:
    """Let Railway deploy pushes or not. What it deploys is judged by nobody, and would replace what was.

    Where Railway refuses to be switched, it is looked at: it may stand as asked for already.
    """
    try:
        instances.set_auto_deploy(context.api, place, enabled=enabled)
    except Refused as error:
        seen = _auto_deploy(context, place)
        if seen is None:
            context.log("warning", f"Nor is Railway to be switched {'on' if enabled else 'off'}: {error}")
        elif seen is not enabled:
            return Pushes(seen, _refusal(place, error, enabled=enabled))
    return Pushes(enabled)


def _refusal(place: Place, error: Refused, *, enabled: bool) -> str:
    told = "does not deploy pushes" if enabled else "goes on to deploy pushes, which nobody judges,"
    turned, instead = ("on", "false") if enabled else ("off", "true")
    return (
        f"Railway {told} by itself for service {place.service_id}, and refuses to be switched: {error.message}. Switch "
        f"it {turned} in the settings of the service there, or ask for autoDeploy to be {instead}; then run again."
    )


def _auto_deploy(context: Context, place: Place) -> bool | None:
    """Whether Railway deploys pushes; None where it does not tell."""
    try:
        return instances.auto_deploy(context.api, place)
    except Refused as error:
        context.log("warning", f"Whether Railway deploys pushes by itself cannot be seen: {error}")
        return None
