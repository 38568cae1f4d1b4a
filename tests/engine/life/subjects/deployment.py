"""The life of a deployment."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any, Final

from localcloud.railway.state import model
from tests.engine.life.place import SERVICE
from tests.engine.life.subject import ANOTHER, Field, Subject

GATE: Final = Path(__file__).parent.parent / "gate.py"


class Deployment(Subject):
    """A deployment of a service that has its settings, variables and domain, also in the fork."""

    token = "railway:index:Deployment"
    restores_by_another = ("endpoint", "triggers")

    def make_fields(self) -> dict[str, Field]:
        place, service_id, second = self.place, self.place.make_service(), self.place.make_service("web-two")
        github, commit = place.cloud.seed.github, place.cloud.working_copy.head
        domains = place.make_domain(), place.make_in_fork(), place.make_domain("web-two")
        url, in_fork, of_second = (f"https://{each.domain}" for each in domains)
        gate = {"command": [sys.executable, str(GATE), "{url}"], "timeoutSeconds": 30}
        forked, moved = {"endpoint": in_fork}, {"endpoint": of_second}
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field(
                "", place.environment_id, place.fork_id, kind="replaces", optional=False, along=forked
            ),
            "serviceId": Field("", service_id, second, kind="replaces", optional=False, along=moved),
            "repository": Field("shop", github.repository, "acme/shop", "acme/theirs", applied=False, optional=False),
            "branch": Field("", github.branch, "next", "theirs", applied=False, optional=False),
            "commit": Field("HEAD", commit, "0" * 40, kind="silent", optional=False),
            "endpoint": Field("ftp://a", url, f"{url}/", optional=False),
            "triggers": Field({"t": 1}, {"t": "1"}, {"t": "2"}, "a push", cleared={}),
            "gate": Field({"command": []}, gate, {**gate, "timeoutSeconds": 40}, kind="silent"),
            "autoDeploy": Field("yes", False, True, by_hand=False, cleared=False),
        }

    def import_inputs(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.inputs().items() if name != "gate"}
        return {**kept, "triggers": {}}

    def id(self) -> str:
        found = self._serving()
        return found.serving or "" if found else ""

    def live(self, name: str) -> Any:
        found = self._serving()
        assert found is not None, "nothing serves"
        held = {"environmentId": found.environment_id, "serviceId": found.service_id, "autoDeploy": found.auto_deploy}
        source = {"repository": found.source.repo, "branch": self._trigger(found).branch}
        return {**held, **source}.get(name, found.serving)

    def edit(self, name: str, value: Any) -> None:
        """Somebody pushes, and another deployment takes over; or lets pushes do so; or has something else built."""
        found, railway = self.place.instance(), self.place.cloud.railway
        with railway.world.lock:
            if name == "triggers":
                railway.rules.deployments.deploy_head(found)
            elif name == "autoDeploy":
                found.auto_deploy = value
            else:
                setattr(self._trigger(found), name, value)
                part = {"repository": "repo", "branch": "branch"}[name]
                found.source = dataclasses.replace(found.source, **{part: value})

    def vanish(self) -> None:
        self.place.cloud.railway.delete_service(SERVICE)
        self.begin_with("serviceId", self.place.make_service())
        self.begin_with("endpoint", f"https://{self.place.make_domain().domain}")

    def unmanaged(self) -> Any:
        return self.place.variables(), self.place.settings(), self.place.neighbour()

    def _serving(self) -> model.Instance | None:
        world = self.place.cloud.railway.world
        with world.lock:
            return next((each for each in world.instances.values() if each.serving), None)

    def _trigger(self, instance: model.Instance) -> model.Trigger:
        return self.place.cloud.railway.world.triggers_of(instance)[0]
