"""The life of a custom domain."""

from __future__ import annotations

from typing import Any

from localcloud.railway.state import model
from tests.engine.life.place import PORT
from tests.engine.life.subject import ANOTHER, Field, Subject


class CustomDomain(Subject):
    """A domain of our own, in a zone whose DNS records Railway sets, so that its certificate comes."""

    token = "railway:index:CustomDomain"

    def make_fields(self) -> dict[str, Field]:
        place, service_id = self.place, self.place.make_service()
        place.cloud.railway.seed({"behaviour": {"own_zones": ["shop.org"]}})
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field("", place.environment_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "serviceId": Field("", service_id, place.make_service("web-two"), kind="replaces", optional=False),
            "domain": Field("shop", "api.shop.org", "*.shop.org", kind="replaces", optional=False),
            "targetPort": Field(0, PORT, 5000, 6000),
            "waitForCertificate": Field("yes", True, False, kind="silent"),
            "certificateTimeout": Field(0, 60, 30, kind="silent"),
        }

    def import_inputs(self) -> dict[str, Any]:
        waits = ("waitForCertificate", "certificateTimeout")
        return {name: value for name, value in self.inputs().items() if name not in waits}

    def id(self) -> str:
        found = self._found()
        return found.id if found else ""

    def import_ids(self) -> list[str]:
        return [f"{self.place.ids()}/{self.id()}", self.place.names(), f"{self.place.names()}/{self.live('domain')}"]

    def live(self, name: str) -> Any:
        found = self._found()
        assert found is not None, "there is no domain"
        return {"serviceId": found.service_id, "domain": found.domain, "targetPort": found.target_port}[name]

    def edit(self, name: str, value: Any) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.custom_domains.update(railway.world.custom_domains[self.id()], value)

    def vanish(self) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.custom_domains.delete(railway.world.custom_domains[self.id()])

    def unmanaged(self) -> Any:
        return self.place.variables(), self.place.settings(), self.place.neighbour()

    def _found(self) -> model.CustomDomain | None:
        world = self.place.cloud.railway.world
        with world.lock:
            return next((each for each in world.custom_domains.values() if each.deleted_at is None), None)
