"""The life of a volume."""

from __future__ import annotations

from typing import Any

from localcloud.railway.state import model
from tests.engine.life.subject import ANOTHER, Field, Subject


class Volume(Subject):
    """The volume of a service that was there before."""

    token = "railway:index:Volume"

    def make_fields(self) -> dict[str, Field]:
        place, service_id = self.place, self.place.make_service()
        second, third = place.make_service("web-two"), place.make_service("web-three")
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field(
                "", place.environment_id, place.fork_id, kind="replaces", applied=False, optional=False
            ),
            "serviceId": Field("", service_id, second, third, optional=False),
            "mountPath": Field("data", "/data", "/ledger", "/by/hand", optional=False),
            "name": Field(" ", "data", "ledger", "by hand", optional=False, kept=True),
            "region": Field("US West", "us-west2", "europe-west4", kind="replaces", optional=False, kept=True),
            "allowDestroy": Field("yes", True, False, cleared=False),
        }

    def import_inputs(self) -> dict[str, Any]:
        return {**self.inputs(), "allowDestroy": False}

    def id(self) -> str:
        found = self._found()
        return found.volume_id if found else ""

    def import_ids(self) -> list[str]:
        places = (self.place.ids(), self.place.names())
        environment, named = (place.rpartition("/")[0] for place in places)
        return [f"{environment}/{self.id()}", f"{named}/{self.live('name')}"]

    def live(self, name: str) -> Any:
        found = self._found()
        assert found is not None, "there is no volume"
        held = {"serviceId": found.service_id, "mountPath": found.mount_path, "region": found.region}
        return {**held, "name": self.place.cloud.railway.world.volumes[found.volume_id].name}[name]

    def edit(self, name: str, value: Any) -> None:
        found = self._found()
        assert found is not None, "there is no volume"
        attribute = {"serviceId": "service_id", "mountPath": "mount_path", "name": "name"}[name]
        target = self.place.cloud.railway.world.volumes[found.volume_id] if name == "name" else found
        setattr(target, attribute, value)

    def vanish(self) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.volumes.delete(railway.world.volumes[self.id()])

    def unmanaged(self) -> Any:
        return self.place.variables(), self.place.settings(), self.place.neighbour()

    def _found(self) -> model.VolumeInstance | None:
        world = self.place.cloud.railway.world
        with world.lock:
            live = [each for each in world.volume_instances.values() if not world.volumes[each.volume_id].deleted_at]
        return next(iter(live), None)
