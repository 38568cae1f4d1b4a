"""What stands around a resource: a service made by somebody else, and everything that must survive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localcloud.cloud import LocalCloud
from localcloud.core.server import LOOPBACK
from localcloud.railway.runner.container import free_port
from localcloud.railway.state.model import Domain, Instance, Service
from localcloud.railway.state.references import plain

NEIGHBOUR = "neighbour"
SERVICE = "web"
FORK = "staging"
PORT = 4000
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "LITELLM_MASTER_KEY")


@dataclass(frozen=True)
class Place:
    """The local Railway, and short ways to look at it and to change it behind our back."""

    cloud: LocalCloud

    def prepare(self) -> None:
        """Nothing but a fork and a service of somebody else; a name is given to one service only."""
        self.cloud.reset()
        self.cloud.railway.seed({"behaviour": {"unique_service_names": True}})
        self.cloud.railway.seed(
            {"forks": [FORK], "services": [{"name": NEIGHBOUR, "variables": {"PORT": "1", "THEIRS": "kept"}}]}
        )

    @property
    def project_id(self) -> str:
        return self.cloud.seed.railway.project_id

    @property
    def environment_id(self) -> str:
        return self.cloud.seed.railway.environment_id

    @property
    def fork_id(self) -> str:
        environments = self.cloud.railway.world.environments.values()
        return next(each.id for each in environments if each.name == FORK)

    def ids(self) -> str:
        """Where the service is, as an import takes it."""
        return f"{self.project_id}/{self.environment_id}/{self.service_id()}"

    def names(self) -> str:
        """The same by names."""
        seed = self.cloud.seed.railway
        return f"{seed.project_name}/{seed.environment_name}/{SERVICE}"

    def make_service(self, name: str = SERVICE) -> str:
        """A service that was made before and has settings and variables of its own."""
        variables = {"PORT": str(PORT), "THEIRS": "kept", **dict.fromkeys(KEYS, "value of a key")}
        self.cloud.railway.seed({"services": [{"name": name, "variables": variables}]})
        service_id = self.service_id(name)
        self.cloud.railway.edit_setting(service_id, "healthcheckPath", "/health")
        return service_id

    def make_domain(self, name: str = SERVICE) -> Domain:
        """The domain of a service."""
        world = self.cloud.railway.world
        with world.lock:
            return self.cloud.railway.rules.domains.create(self.instance(name), PORT)

    def make_in_fork(self, name: str = SERVICE) -> Domain:
        """The domain of a service in the fork, which has it from now on, with the same settings and variables."""
        railway, original = self.cloud.railway, self.instance(name)
        with railway.world.lock:
            made = Instance(original.service_id, self.fork_id)
            railway.world.instances[made.id] = made
            made.settings.write(self.settings(name), 0)
            railway.rules.variables.write(made, self.variables(name), deploy=False)
            return railway.rules.domains.create(made, PORT)

    def service(self, name: str) -> Service | None:
        """The service of that name that is not being deleted."""
        found = self.cloud.railway.world.services.values()
        return next((each for each in found if each.name == name and each.deleted_at is None), None)

    def service_id(self, name: str = SERVICE) -> str:
        service = self.service(name)
        assert service is not None, f"there is no service {name}"
        return service.id

    def instance(self, name: str = SERVICE, environment_id: str = "") -> Instance:
        """The service in the default environment, or in another one."""
        found = self.cloud.railway.world.instance(self.service_id(name), environment_id or self.environment_id)
        assert found is not None, f"{name} has no instance there"
        return found

    def domain(self, name: str = SERVICE) -> Domain | None:
        """The domain of a service, if it has one."""
        return self.cloud.railway.world.domain_of(self.instance(name)) if self.service(name) else None

    def variables(self, name: str = SERVICE) -> dict[str, str]:
        """The variables of a service as they were written."""
        return {key: variable.value for key, variable in self.instance(name).variables.current.items()}

    def settings(self, name: str = SERVICE) -> dict[str, Any]:
        """The settings of a service in the default environment."""
        return dict(self.instance(name).settings.current)

    def neighbour(self) -> tuple[dict[str, Any], list[str], dict[str, str]]:
        """Everything about the service of somebody else."""
        return self.settings(NEIGHBOUR), sorted(plain(self.instance(NEIGHBOUR))), self.variables(NEIGHBOUR)

    def writes(self) -> list[str]:
        """The operations that changed something since the calls were cleared."""
        return [call.operation for call in self.cloud.calls.list() if call.kind == "mutation"]

    def reference(self, secret: str, version: int = 1) -> str:
        """The reference of a version of a secret."""
        project = self.cloud.seed.secret_manager.project_id
        return f"projects/{project}/secrets/{secret}/versions/{version}"


def free_domain() -> str:
    """A domain that the local edge can have, also later: the system gives its port to nobody."""
    return f"{LOOPBACK}:{free_port()}"
