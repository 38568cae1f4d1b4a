"""Whether a domain is there: Railway lists those of a service and looks none up by its id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from pulumi_railway.api.errors import NotFound
from pulumi_railway.handlers import identity, imports
from pulumi_railway.handlers.presence import listed

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context, State

D = TypeVar("D", bound=imports.Domain)


def by_id(found: Sequence[D], domain_id: str) -> D | None:
    """The one of them that has the id."""
    return next((domain for domain in found if domain.id == domain_id), None)


def recorded(context: Context, old: State, read: Callable[[RailwayClient, Place], list[D]]) -> tuple[Place, D | None]:
    """The service of a recorded or imported domain, and that domain as it is live, None where it is gone."""
    place, domain_id = imports.domain_of(context, old, read)
    return place, by_id(listed(context, place, read), domain_id)


def delete(
    context: Context,
    old: State,
    read: Callable[[RailwayClient, Place], list[D]],
    remove: Callable[[RailwayClient, str], None],
) -> None:
    """Delete the recorded domain. One that is not found has to be gone from the list too, else `NotFound` stands."""
    place, domain_id = identity.domain_of(old.id)
    try:
        remove(context.api, domain_id)
    except NotFound:
        if by_id(listed(context, place, read), domain_id):
            raise
