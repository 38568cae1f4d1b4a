"""What a service is built from, and whether a push deploys it: how it is, and how it becomes what is asked for."""

from __future__ import annotations

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


def live(context: Context, place: Place, recorded: Properties) -> dict[str, Any]:
    """`repository` and `branch`, empty where there is none, and `autoDeploy`, as recorded where Railway does not tell.

    Raises `NotFound` where there is no instance.
    """
    repository = instances.read(context.api, place).repository or ""
    followed = deployments.sources(context.api, place)
    branch = next((source.branch for source in followed if source.repository == repository), "")
    switched_on = _auto_deploy(context, place, unseen=recorded.get(AUTO_DEPLOY, False))
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


def set_auto_deploy(context: Context, place: Place, *, enabled: bool) -> bool:
    """Let Railway deploy pushes or not. What it deploys is judged by nobody, and would replace what was.

    Returns whether it does now: where Railway refuses to be switched, that may be other than asked for.
    """
    try:
        instances.set_auto_deploy(context.api, place, enabled=enabled)
    except Refused as error:
        told = "Pushes are not deployed by Railway itself" if enabled else "Railway goes on to deploy pushes, unjudged"
        context.log("warning", f"{told}: {error}")
        return _auto_deploy(context, place, unseen=not enabled)
    return enabled


def _auto_deploy(context: Context, place: Place, *, unseen: bool) -> bool:
    """Whether Railway deploys pushes; `unseen` where it does not tell."""
    try:
        return instances.auto_deploy(context.api, place)
    except Refused as error:
        context.log("warning", f"Whether Railway deploys pushes by itself cannot be seen: {error}")
        return unseen
