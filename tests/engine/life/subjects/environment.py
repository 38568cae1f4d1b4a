"""The life of an environment."""

from __future__ import annotations

from typing import Any

from localcloud.railway.state import model
from tests.engine.life.subject import ANOTHER, Field, Subject


class Environment(Subject):
    """A copy of the default environment."""

    token = "railway:index:Environment"

    def make_fields(self) -> dict[str, Field]:
        place = self.place
        place.make_service()
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="unknown", optional=False),
            "name": Field("a/b", "copy", "second copy", "by hand", optional=False),
            "sourceEnvironmentId": Field("", place.environment_id, place.fork_id, kind="replaces", kept=True),
            "ephemeral": Field("yes", False, True, kind="replaces", kept=True),
            "skipInitialDeploys": Field("yes", True, False, kind="silent", optional=False),
        }

    def id(self) -> str:
        found = self._found()
        return found.id if found else ""

    def import_ids(self) -> list[str]:
        ids, names = (each.partition("/")[0] for each in (self.place.ids(), self.place.names()))
        return [f"{ids}/{self.id()}", f"{names}/{self.live('name')}"]

    def live(self, name: str) -> Any:
        found = self._found()
        assert found is not None, "there is no such environment"
        held = {"name": found.name, "sourceEnvironmentId": found.source_environment_id}
        return {**held, "ephemeral": found.is_ephemeral}[name]

    def edit(self, name: str, value: Any) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.environments.rename(railway.world.environments[self.id()], value)

    def vanish(self) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            railway.rules.environments.delete(railway.world.environments[self.id()])

    def unmanaged(self) -> Any:
        return self.place.variables(), self.place.settings(), self.place.neighbour()

    def _found(self) -> model.Environment | None:
        others = {self.place.environment_id, self.place.fork_id}
        there = list(self.place.cloud.railway.world.environments.values())
        return next((each for each in there if each.id not in others), None)
