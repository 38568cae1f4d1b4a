"""What is imported: each part of an import's id is an id or a name. What is recorded are the ids.

Railway looks nothing up by name and does not say that names are unique: all are listed, and several of one name are an
error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from pulumi_railway.api import project_environments, projects, volumes
from pulumi_railway.api.place import Place
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers import identity

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.handlers.base import Context, State

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def place_of(context: Context, old: State) -> Place:
    """The service of a recorded state, or that of an import. Raises `ResourceError` with what there is instead."""
    place = identity.place_of(old.id)
    return place if old.inputs else _find(context, place)


class Domain(Protocol):
    """A service's domain or one of the user's own."""

    @property
    def id(self) -> str:
        """As Railway gave it."""

    @property
    def domain(self) -> str:
        """Its name in DNS."""


def domain_of(
    context: Context, old: State, read: Callable[[RailwayClient, Place], Sequence[Domain]]
) -> tuple[Place, str]:
    """The service and domain of a recorded state, or of an import, which need not name the only domain there is."""
    if old.inputs:
        return identity.domain_of(old.id)
    alone = old.id.count("/") == len(identity.PLACE_INPUTS) - 1
    named, wanted = (identity.place_of(old.id), "") if alone else identity.domain_of(old.id)
    place = _find(context, named)
    if _ID.fullmatch(wanted):
        return place, wanted
    there = {domain.id: domain.domain for domain in read(context.api, place)}
    if alone and len(there) == 1:
        return place, next(iter(there))
    return place, choose("domain", wanted, there, f"Service {place.service_id}")


def volume_of(context: Context, old: State) -> tuple[str, str, str]:
    """The project, environment and volume of a recorded state, or of an import."""
    named = identity.volume_of(old.id)
    if old.inputs or all(map(_ID.fullmatch, named)):
        return named
    project = projects.read(context.api, _project(context, named[0]))
    environments = {each.id: each.name for each in project.environments}
    environment_id = choose("environment", named[1], environments, f"Project {project.name}")
    there = {volume.id: volume.name for volume in volumes.read(context.api, environment_id)}
    where = f"Environment {environments[environment_id]} of project {project.name}"
    return project.id, environment_id, choose("volume", named[2], there, where)


def environment_of(context: Context, old: State) -> tuple[str, str]:
    """The project and environment of a recorded state, or of an import."""
    named = identity.environment_of(old.id)
    if old.inputs or all(map(_ID.fullmatch, named)):
        return named
    project_id = _project(context, named[0])
    there = {each.id: each.name for each in project_environments.read(context.api, project_id).values()}
    return project_id, choose("environment", named[1], there, f"Project {project_id}")


def choose(kind: str, wanted: str, there: Mapping[str, str], where: str) -> str:
    """The id among `there`, names by id, that is `wanted` or has it as its name. Raises `ResourceError`."""
    found = [wanted] if wanted in there else [each for each, name in there.items() if name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise ResourceError(
            f"{where} has {len(found)} {kind}s named {wanted}: {', '.join(found)}. Import one of them by its id."
        )
    listed = ", ".join(f"{name} {each}" for each, name in there.items()) or "none"
    told = f"has no {kind} {wanted}; it has" if wanted else f"has not one {kind}, so the id must name it; it has"
    raise ResourceError(f"{where} {told}: {listed}. Correct the id of the import; nothing was changed.")


def _find(context: Context, named: Place) -> Place:
    """The place by its ids; nobody is asked where it is given by them."""
    if all(map(_ID.fullmatch, named.ids().values())):
        return named
    project = projects.read(context.api, _project(context, named.project_id))
    environments = {each.id: each.name for each in project.environments}
    services = {each.id: each.name for each in project.services if not each.deleted}
    where = f"Project {project.name}"
    environment_id = choose("environment", named.environment_id, environments, where)
    return Place(project.id, environment_id, choose("service", named.service_id, services, where))


def _project(context: Context, wanted: str) -> str:
    if _ID.fullmatch(wanted):
        return wanted
    return choose("project", wanted, projects.reached(context.api), "What the Railway token reaches")
