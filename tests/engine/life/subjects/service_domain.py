"""The life of a service's domain."""

from __future__ import annotations

from typing import Any

from tests.engine.life.place import PORT, free_domain
from tests.engine.life.subject import ANOTHER, Field, Subject


class ServiceDomain(Subject):
    """The domain of a service that was there before."""

    token = "railway:index:ServiceDomain"

    def make_fields(self) -> dict[str, Field]:
        place, service_id = self.place, self.place.make_service()
        first, changed, by_hand = free_domain(), free_domain(), free_domain()
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field("", place.environment_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "serviceId": Field("", service_id, place.make_service("web-two"), kind="replaces", optional=False),
            "targetPort": Field(0, PORT, 5000, 6000, optional=False),
            "domain": Field("no domain", first, changed, by_hand, optional=False, kept=True),
        }

    def id(self) -> str:
        found = [self.place.domain(name) for name in ("web", "web-two")]
        return next((domain.id for domain in found if domain), "")

    def import_ids(self) -> list[str]:
        return [f"{self.place.ids()}/{self.id()}", self.place.names(), f"{self.place.names()}/{self.live('domain')}"]

    def live(self, name: str) -> Any:
        domain = self.place.cloud.railway.world.domains[self.id()]
        return {"serviceId": domain.service_id, "targetPort": domain.target_port, "domain": domain.domain}[name]

    def edit(self, name: str, value: Any) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            domain = railway.world.domains[self.id()]
            target = {"domain": domain.domain, "targetPort": domain.target_port} | {name: value}
            railway.rules.domains.update(domain, target["domain"], target["targetPort"])

    def vanish(self) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.domains.delete(railway.world.domains[self.id()])

    def unmanaged(self) -> Any:
        return self.place.variables(), self.place.settings(), self.place.neighbour()
