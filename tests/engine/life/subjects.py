"""The resources whose lives are tried."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from localcloud.railway.state import model
from tests.engine.life.place import PORT, SERVICE, free_domain
from tests.engine.life.subject import ABSENT, Field, Subject

GATE: Final = Path(__file__).parent / "gate.py"
ANOTHER: Final = "0b1f2c5e-0000-4000-8000-000000000000"
"""An id of nothing."""

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


class Variables(Subject):
    """Plain variables and secrets of a service that was there before."""

    token = "railway:index:Variables"

    def make_fields(self) -> dict[str, Field]:
        place, service_id = self.place, self.place.make_service()
        old, new = place.reference("OPENAI-API"), place.reference("GEMINI-API")
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field("", place.environment_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "serviceId": Field("", service_id, place.make_service("web-two"), kind="replaces", optional=False),
            "variables": Field({"9": "x"}, {"A": "1", "B": "1"}, {"A": "2", "B": "1"}, {"A": "3"}, cleared={}),
            "secrets": Field({"S": "no reference"}, {"S": old}, {"S": new}, {"S": "by hand"}, cleared={}),
            "secretPrefixes": Field({"S": 1}, changed={"S": "sk-"}, kind="silent"),
        }

    def import_inputs(self) -> dict[str, Any]:
        return {**self.inputs(), "variables": {}, "secrets": {}}

    def id(self) -> str:
        holding = [name for name in (SERVICE, "web-two") if {"A", "S"} & self.place.variables(name).keys()]
        return self.place.service_id(holding[0]) if holding else ""

    def live(self, name: str) -> Any:
        if name == "serviceId":
            holding = [each for each in ("web", "web-two") if "A" in self.place.variables(each)]
            return self.place.service_id(holding[0])
        held = self.place.variables()
        if name == "variables":
            return {key: held[key] for key in ("A", "B") if key in held}
        payloads = self.place.cloud.secret_manager.values()
        names = {value: self.place.reference(secret) for secret, value in payloads.items()}
        return {"S": names.get(held["S"], held["S"])} if "S" in held else {}

    def edit(self, name: str, value: Any) -> None:
        for key, text in value.items():
            self.place.cloud.railway.edit_variable(SERVICE, key, text)

    def vanish(self) -> None:
        self.place.cloud.railway.delete_service(SERVICE)
        self.begin_with("serviceId", self.place.make_service())

    def unmanaged(self) -> Any:
        ours = {"A", "B", "S"}
        kept = {name: value for name, value in self.place.variables().items() if name not in ours}
        return kept, self.place.settings(), self.place.neighbour()


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
            "domain": Field("no domain", first, changed, by_hand, optional=False),
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
            "name": Field(" ", "data", "ledger", "by hand", optional=False),
            "region": Field("US West", "us-west2", "europe-west4", kind="replaces", optional=False),
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


class Environment(Subject):
    """A copy of the default environment."""

    token = "railway:index:Environment"

    def make_fields(self) -> dict[str, Field]:
        place = self.place
        place.make_service()
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="unknown", optional=False),
            "name": Field("a/b", "copy", "second copy", "by hand", optional=False),
            "sourceEnvironmentId": Field("", place.environment_id, place.fork_id, kind="replaces"),
            "ephemeral": Field("yes", False, True, kind="replaces"),
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


ALL: Final = (Environment, Service, Variables, ServiceDomain, CustomDomain, Volume, Deployment)
SUBJECTS: Final = {subject.token: subject for subject in ALL}
