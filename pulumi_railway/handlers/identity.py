"""Resource ids: `projectId/environmentId/serviceId`, for a domain `/domainId` behind it; a volume's has no service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_railway.api.place import Place
from pulumi_railway.errors import ResourceError

PLACE_INPUTS: Final = ("projectId", "environmentId", "serviceId")


def of_place(place: Place) -> str:
    """The id of what there is once for each service and environment."""
    return f"{place.project_id}/{place.environment_id}/{place.service_id}"


def place_of(identity: str) -> Place:
    """The service an id names. Raises `ResourceError` for an id of another form."""
    parts = identity.split("/")
    if len(parts) != len(PLACE_INPUTS) or not all(parts):
        raise ResourceError(f"The id {identity!r} is not of the form project/environment/service.")
    return Place(*parts)


def domain_of(identity: str) -> tuple[Place, str]:
    """The service and domain an id names. Raises `ResourceError` for an id of another form."""
    place, _, domain_id = identity.rpartition("/")
    if place.count("/") != len(PLACE_INPUTS) - 1 or not all(place.split("/")) or not domain_id:
        raise ResourceError(f"The id {identity!r} is not of the form project/environment/service/domain.")
    return place_of(place), domain_id


def volume_of(identity: str) -> tuple[str, str, str]:
    """The project, environment and volume an id names. Raises `ResourceError` for an id of another form."""
    parts = identity.split("/")
    if len(parts) != len(("project", "environment", "volume")) or not all(parts):
        raise ResourceError(f"The id {identity!r} is not of the form project/environment/volume.")
    return parts[0], parts[1], parts[2]


def from_inputs(inputs: Mapping[str, Any]) -> Place:
    """The service that inputs name."""
    return Place(*(inputs[name] for name in PLACE_INPUTS))


def as_inputs(place: Place) -> dict[str, Any]:
    """The inputs that name a service."""
    return place.ids()
