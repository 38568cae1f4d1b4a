"""A small stack of service, variables and domain: what is wanted, what there is, runs that fail or are killed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaos.attached import AttachedEngine
from localcloud.core.faults import Fault, Moment
from localcloud.demo.commands import Result
from tests.engine import small_program
from tests.engine.life.place import Place

PROGRAM: Final = '''\
"""Asks for the service, the variables and the domain that wanted.json describes."""

import json
import pathlib

import pulumi
import pulumi_railway as railway

wanted = json.loads((pathlib.Path(__file__).parent / "wanted.json").read_text())
place = wanted["place"]
if wanted["service"] is not None:
    service = railway.Service("web", **place, **wanted["service"])
    place["service_id"] = service.service_id
    part = pulumi.ResourceOptions(deleted_with=service)
    if wanted["variables"] is not None:
        railway.Variables("variables", **place, **wanted["variables"], opts=part)
    if wanted["port"] is not None:
        railway.ServiceDomain("domain", **place, target_port=wanted["port"], opts=part)
'''
NAMES: Final = ("web", "web-two")
"""What the service may be called."""
SECRET: Final = "OPENAI-API"
MARKER: Final = "PULUMI_OWNER"


@dataclass
class Wanted:
    """What the program asks for; None means that it does not.

    `variables` holds `variables`, which are texts, and `secrets`, which are numbers of versions.
    """

    service: dict[str, Any] | None = None
    variables: dict[str, dict[str, Any]] | None = None
    port: int | None = None


@dataclass(frozen=True)
class Held:
    """A service of ours as Railway has it; its variables without the marker, and the ports of its domains by id."""

    service_id: str
    name: str
    settings: Mapping[str, Any]
    variables: Mapping[str, str]
    ports: Mapping[str, int | None]


class Death:
    """A watch that lets nobody hear of anything from the `call`-th call on, as where the run's process is killed.

    `kept` is the state as it was then; it takes the place of what the run writes afterwards.
    """

    def __init__(self, state: Path, call: int, moment: Moment) -> None:
        self.kept: str | None = None
        self.dead = False
        self._state, self._point = state, (call, moment)
        self._numbers = itertools.count(1)
        self._number: ContextVar[int] = ContextVar("number")

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        """Whether the run still lives."""
        if moment == "before":
            self._number.set(next(self._numbers))
        if not self.dead and (self._number.get(), moment) == self._point:
            self.dead = True
            self.kept = self._state.read_text() if self._state.exists() else None
        return not self.dead


@dataclass
class Stack:
    """The stack on an empty state, with the plugins in this process. `environment` is that of each run."""

    place: Place
    engine: AttachedEngine
    environment: Mapping[str, str]
    wanted: Wanted = field(default_factory=Wanted)
    payloads: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        small_program.prepare(self.engine.workspace, "life")
        (self.engine.workspace / "__main__.py").write_text(PROGRAM)
        secrets = self.place.cloud.secret_manager
        self.payloads = {1: secrets.values()[SECRET]}
        secrets.add_version(SECRET, "the second payload")
        self.payloads[2] = secrets.values()[SECRET]

    def run(self, verb: str, *options: str) -> Result:
        """One run, whose output holds no traceback. `writes` tells afterwards what it changed."""
        (self.engine.workspace / "wanted.json").write_text(json.dumps(self._described()))
        self.place.cloud.calls.clear()
        result: Result = getattr(self.engine, verb)(self.environment, *options)
        assert "Traceback" not in result.output, result.output
        return result

    def values(self) -> dict[str, str]:
        """The variables that are wanted, with the payloads of the secrets."""
        wanted = self.wanted.variables or {"variables": {}, "secrets": {}}
        return {**wanted["variables"], **{name: self.payloads[number] for name, number in wanted["secrets"].items()}}

    @contextmanager
    def failing(self, *faults: Fault) -> Iterator[None]:
        """Calls inside meet these faults."""
        for fault in faults:
            self.place.cloud.faults.add(fault)
        yield
        self.place.cloud.faults.clear()

    @contextmanager
    def killed(self, call: int, moment: Moment) -> Iterator[Death]:
        """A run inside is killed at its `call`-th call, if it comes to it."""
        self.place.cloud.faults.watch = death = Death(self.file, call, moment)
        yield death
        self.place.cloud.faults.watch = None
        if death.dead and death.kept is None:
            self.file.unlink(missing_ok=True)
        elif death.kept is not None:
            self.file.write_text(death.kept)

    def recorded(self) -> dict[str, dict[str, Any]]:
        """The resources of the state by their type's last part, without what a run may write each time."""
        document = json.loads(self.file.read_text()) if self.file.exists() else {}
        found = document.get("deployment", {}).get("resources") or []
        own = [each for each in found if each["type"].startswith("railway:index:")]
        return {each["type"].rpartition(":")[2]: {**each, "modified": None} for each in own}

    def held(self) -> list[Held]:
        """The services of ours that there are."""
        world = self.place.cloud.railway.world
        with world.lock:
            names = [each.name for each in world.services.values() if each.deleted_at is None and each.name in NAMES]
            return [self._held(name) for name in names]

    def delete_domain(self, held: Held) -> None:
        """As somebody does in the dashboard."""
        railway = self.place.cloud.railway
        with railway.world.lock:
            for domain in held.ports:
                railway.rules.domains.delete(railway.world.domains[domain])

    def _described(self) -> dict[str, Any]:
        ids = {"project_id": self.place.project_id, "environment_id": self.place.environment_id}
        variables = self.wanted.variables and {
            **self.wanted.variables,
            "secrets": {
                name: self.place.reference(SECRET, number) for name, number in self.wanted.variables["secrets"].items()
            },
        }
        return {**vars(self.wanted), "variables": variables, "place": ids}

    def _held(self, name: str) -> Held:
        place, instance = self.place, self.place.instance(name)
        variables = {key: value for key, value in place.variables(name).items() if key != MARKER}
        domains = [
            each
            for each in place.cloud.railway.world.domains.values()
            if each.service_id == instance.service_id and each.deleted_at is None
        ]
        ports = {each.id: each.target_port for each in domains}
        return Held(instance.service_id, name, place.settings(name), variables, ports)

    @property
    def file(self) -> Path:
        """The state file."""
        words = list(self.engine.commands["up"])
        return Path(words[words.index("--state") + 1])
