"""The life of a service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from localcloud.railway.state import model
from tests.engine.life.place import SERVICE
from tests.engine.life.subject import ABSENT, ANOTHER, Field, Subject

THEIRS: Final = {"startCommand": "serve theirs", "numReplicas": 7, "multiRegionConfig": {"c": {"numReplicas": 7}}}
"""Settings of a service that somebody else looks after."""


def setting(name: str, first: Any, changed: Any, by_hand: Any, bad: Any) -> Field:
    """A setting of a service instance, which Railway shows under its own name."""
    return Field(bad, first, changed, by_hand, cleared=model.DEFAULT_SETTINGS[name])


class Service(Subject):
    """The service and its settings."""

    token = "railway:index:Service"

    def make_fields(self) -> dict[str, Field]:
        place = self.place
        settings: dict[str, tuple[Any, Any, Any, Any]] = {
            "rootDirectory": ("one", "two", "three", 1),
            "builder": ("HEROKU", "PAKETO", "NIXPACKS", "DOCKERFILE"),
            "buildCommand": ("make one", "make two", "make three", ["make"]),
            "dockerfilePath": ("one.Dockerfile", "two.Dockerfile", "three.Dockerfile", True),
            "nixpacksPlan": ({"a": "1"}, {"a": "2"}, {"a": "3"}, "plan"),
            "railwayConfigFile": ("one.json", "two.json", "three.json", 3),
            "watchPatterns": (["one/**"], ["two/**"], ["three/**"], "one/**"),
            "healthcheckPath": ("/one", "/two", "/three", "health"),
            "healthcheckTimeout": (20, 30, 40, 0),
            "restartPolicyType": ("ALWAYS", "NEVER", "ON_FAILURE", "SOMETIMES"),
            "restartPolicyMaxRetries": (3, 4, 5, -1),
            "multiRegionConfig": ({"a": {"numReplicas": 1}}, {"a": {"numReplicas": 2}}, {"b": {"numReplicas": 1}}, 7),
            "numReplicas": (2, 3, 4, 0),
            "sleepApplication": (True, False, True, "yes"),
            "cronSchedule": ("0 1 * * *", "0 2 * * *", "0 3 * * *", 5),
            "startCommand": ("serve one", "serve two", "serve three", ["serve"]),
            "preDeployCommand": (["one"], ["two"], ["three"], "migrate"),
            "overlapSeconds": (5, 6, 7, -1),
            "drainingSeconds": (15, 16, 17, 4000),
            "ipv6EgressEnabled": (True, False, True, "yes"),
        }
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="unknown", optional=False),
            "environmentId": Field("a b", place.environment_id, place.fork_id, kind="replaces", optional=False),
            "name": Field("n" * 33, SERVICE, "web-two", "web-three", optional=False),
            "adopt": Field("yes", ABSENT, True, kind="silent"),
            **{name: setting(name, *values) for name, values in settings.items()},
        }

    def id(self) -> str:
        found = [each for each in self.place.cloud.railway.world.services.values() if each.deleted_at is None]
        return next((each.id for each in found if each.name.startswith(SERVICE)), "")

    def import_inputs(self) -> dict[str, Any]:
        return {**self.inputs(), "adopt": False}

    def live(self, name: str) -> Any:
        service = self.place.cloud.railway.world.services[self.id()]
        if name == "name":
            return service.name
        instances = self.place.cloud.railway.world.instances_of(service.id)
        return instances[0].environment_id if name == "environmentId" else self.place.settings(service.name)[name]

    def edit(self, name: str, value: Any) -> None:
        railway = self.place.cloud.railway
        with railway.world.lock:
            service = railway.world.services[self.id()]
            if name == "name":
                railway.rules.services.rename(service, name=value, icon=None)
            else:
                railway.edit_setting(service.id, name, value)

    def vanish(self) -> None:
        self.place.cloud.railway.delete_service(self.id())

    def unmanaged(self) -> Any:
        return self.place.neighbour()

    def be_edited(self) -> Callable[[], Any]:
        for name, value in THEIRS.items():
            self.edit(name, value)
        self.place.cloud.railway.edit_variable(self.id(), "THEIRS", "kept")
        return lambda: ({name: self.live(name) for name in THEIRS}, self.place.variables(self.live("name"))["THEIRS"])
