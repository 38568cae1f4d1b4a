"""Service domains: one per instance, made by Railway, reachable a moment later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from localcloud.railway.errors import DOMAIN_RACE, RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import Domain, Instance

if TYPE_CHECKING:
    from localcloud.railway.state.world import World

_EDGE_LAG_STEPS = 2


class Edge(Protocol):
    """Whoever listens under the domains."""

    def open(self, domain_id: str, address: str | None = None) -> str:
        """Listen for a domain, at `address` where given, and return the name it is reached by.

        Raises `RailwayError` where the address cannot be had.
        """

    def close(self, domain_id: str) -> None:
        """Listen no more. Does not wait."""

    def is_free(self, address: str) -> str | None:
        """None where `address` could be had, else why not."""


class DomainRules:
    """What may be done to service domains."""

    def __init__(self, world: World, edge: Edge) -> None:
        self._world = world
        self._edge = edge

    def create(self, instance: Instance, target_port: int | None) -> Domain:
        """A new domain; its name is generated."""
        if self._world.environments[instance.environment_id].applying is not None:
            raise RailwayError(DOMAIN_RACE)
        if self._world.domain_of(instance) is not None:
            raise RailwayError("A service domain already exists for this service")
        service = self._world.services[instance.service_id]
        domain = Domain(service.project_id, instance.environment_id, service.id, "", target_port)
        domain.domain = self._edge.open(domain.id)
        domain.ready_at = time.monotonic() + _EDGE_LAG_STEPS * self._world.speed.step
        self._world.domains[domain.id] = domain
        return domain

    def update(self, domain: Domain, name: str, target_port: int | None) -> None:
        """Rename the domain and set its port."""
        if name != domain.domain:
            self._edge.open(domain.id, name)
            domain.domain = name
        domain.target_port = target_port
        domain.updated_at = now()

    def delete(self, domain: Domain) -> None:
        """Close the domain; it is listed as DELETING for a moment yet."""
        if domain.deleted_at is not None:
            return
        domain.deleted_at = now()
        self._edge.close(domain.id)
        self._world.timers.after(self._world.speed.step, lambda: self._forget(domain))

    def availability(self, name: str) -> str | None:
        """None where a domain of this name could be had, else why not."""
        return self._edge.is_free(name)

    def sync_status(self, domain: Domain) -> str:
        """CREATING, ACTIVE or DELETING."""
        if domain.deleted_at is not None:
            return "DELETING"
        age = (now() - domain.created_at).total_seconds()
        return "CREATING" if age < self._world.speed.step else "ACTIVE"

    def _forget(self, domain: Domain) -> None:
        with self._world.lock:
            self._world.domains.pop(domain.id, None)
