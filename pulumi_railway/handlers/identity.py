"""Resource ids: `projectId/environmentId`, and behind it that of the service or volume, and of a service's domain."""

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
    return Place(*_parts(identity, "project/environment/service"))


def domain_of(identity: str) -> tuple[Place, str]:
    """The service and domain an id names. Raises `ResourceError` for an id of another form."""
    *place, domain_id = _parts(identity, "project/environment/service/domain")
    return Place(*place), domain_id


def volume_of(identity: str) -> tuple[str, str, str]:
    """The project, environment and volume an id names. Raises `ResourceError` for an id of another form."""
    project_id, environment_id, volume_id = _parts(identity, "project/environment/volume")
    return project_id, environment_id, volume_id


def environment_of(identity: str) -> tuple[str, str]:
    """The project and environment an id names. Raises `ResourceError` for an id of another form."""
    project_id, environment_id = _parts(identity, "project/environment")
    return project_id, environment_id


def from_inputs(inputs: Mapping[str, Any]) -> Place:
    """The service that inputs name."""
    return Place(*(inputs[name] for name in PLACE_INPUTS))


def as_inputs(place: Place) -> dict[str, Any]:
    """The inputs that name a service."""
    return place.ids()


def _parts(identity: str, form: str) -> list[str]:
    parts = identity.split("/")
    if len(parts) != len(form.split("/")) or not all(parts):
        raise ResourceError(f"The id {identity!r} is not of the form {form}.")
    return parts
