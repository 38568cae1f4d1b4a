"""A Railway on this machine: its API, its edge, and the deployments it runs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.core.working_copy import WorkingCopy
from localcloud.railway.edge import LocalEdge
from localcloud.railway.http import Endpoint
from localcloud.railway.runner.environment import Environments, find_uv
from localcloud.railway.runner.runner import LocalRunner
from localcloud.railway.speed import Speed
from localcloud.railway.state.model import Environment, Instance, Log, Service, new_id
from localcloud.railway.state.references import plain
from localcloud.railway.state.rules import Rules
from localcloud.railway.state.world import WORKSPACE, World
from localcloud.railway.tls import LocalAuthority

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from localcloud.core.calls import CallLog
    from localcloud.core.faults import Faults
    from localcloud.core.seed import RailwaySeed


class Railway:
    """Everything of it; nothing listens until `app` is served.

    `workdir` gets builds, certificates and cached environments. `repository_dir` is the one repository there is.
    `model_endpoints` is added to the environment of every deployment, over what the service says. Clients trust the
    domains' certificates through the file `authority.bundle`.
    """

    def __init__(
        self,
        workdir: Path,
        repository_dir: Path,
        *,
        seed: RailwaySeed,
        calls: CallLog,
        faults: Faults,
        model_endpoints: Mapping[str, str],
        speed: Speed | None = None,
    ) -> None:
        self.world = World(seed, speed or Speed())
        self.working_copy = WorkingCopy(repository_dir)
        self.authority = LocalAuthority(workdir / "tls")
        self._builds = workdir / "deployments"
        self._volumes = workdir.absolute() / "volumes"
        environments = Environments(workdir / "environments", find_uv())
        self._runner = LocalRunner(self.world, self.working_copy, environments, self._builds, model_endpoints)
        self._edge = LocalEdge(self.world, self.authority)
        self.rules = Rules(self.world, self.working_copy, self._runner, self._edge, self._volumes)
        self._endpoint = Endpoint(self.world, self.rules, calls, faults)
        self._app = self._endpoint.app

    @property
    def app(self) -> ASGIApp:
        """What answers the GraphQL API at /graphql/v2."""
        return self._app

    def deployments(self) -> list[dict[str, Any]]:
        """Every deployment, oldest first. Of the variables it captured the names only."""
        with self.world.lock:
            return [
                {
                    "id": each.id,
                    "serviceId": each.service_id,
                    "environmentId": each.environment_id,
                    "status": each.status.value,
                    "commit": each.captured.source.commit,
                    "reason": each.reason,
                    "createdAt": each.created_at.isoformat(),
                    "variables": sorted(each.captured.variables),
                }
                for each in self.world.deployments.values()
            ]

    def captured(self, deployment_id: str) -> dict[str, str]:
        """The variables that a deployment runs with, as written. For tests in this process. Raises KeyError."""
        with self.world.lock:
            variables = self.world.deployments[deployment_id].captured.variables
            return {name: variable.value for name, variable in variables.items()}

    def state(self) -> dict[str, Any]:
        """What exists: services, their domains and the names of their variables. No variable's value."""
        with self.world.lock:
            return {"services": [self._described(service) for service in self.world.services.values()]}

    def edit_variable(self, service: str, name: str, value: str | None) -> None:
        """Set a variable in the default environment without deploying; None deletes it. Raises KeyError."""
        with self.world.lock:
            instance = self._default_instance(service)
            if value is not None:
                self.rules.variables.write(instance, {name: value}, deploy=False)
                return
            if name not in instance.variables.current:
                raise KeyError(f"service {service} has no variable {name}")
            kept = {key: each for key, each in instance.variables.current.items() if key != name}
            self.rules.variables.put(instance, kept)

    def edit_setting(self, service: str, name: str, value: Any) -> None:
        """Set one setting of the instance in the default environment, named as in the API. Raises KeyError."""
        with self.world.lock:
            instance = self._default_instance(service)
            if name not in instance.settings.current:
                raise KeyError(f"an instance has no setting {name}")
            self.rules.settings.update(instance, {name: value})

    def delete_service(self, service: str) -> None:
        """Delete a service as somebody does in the dashboard. Raises KeyError."""
        with self.world.lock:
            self.rules.services.delete(self._service(service))

    def set_dns(self, name: str, record_type: str, value: str | None) -> None:
        """Let the world's name servers say this, e.g. of type CNAME; None takes the record away. Raises KeyError."""
        with self.world.lock:
            if value is not None:
                self.world.dns[name, record_type] = value
            elif self.world.dns.pop((name, record_type), None) is None:
                raise KeyError(f"{name} has no record of type {record_type}")

    def push(self) -> list[str]:
        """A push to the branch: each instance that follows pushes deploys the head, or skips it where it watches other
        files. The ids of the deployments, none while `push_window` gathers.
        """
        with self.world.lock:
            return [deployment.id for deployment in self.rules.pushes.push()]

    def deploy_by_hand(self) -> list[str]:
        """Somebody deploys the head in the dashboard, of every connected instance. The ids of the deployments."""
        with self.world.lock:
            return [self.rules.deployments.deploy_head(instance).id for instance in self.rules.pushes.connected()]

    def release(self, deployment_id: str) -> None:
        """Let a deployment go on that `holds` stopped. Raises KeyError."""
        with self.world.lock:
            self.rules.deployments.release(self.world.deployments[deployment_id])

    def plant_log(self, deployment_id: str, line: str, *, build: bool = False) -> None:
        """Add a line to a log, to see what readers of logs make of it. Raises KeyError."""
        with self.world.lock:
            deployment = self.world.deployments[deployment_id]
            (deployment.build_logs if build else deployment.deploy_logs).append(Log(line, "info"))

    def seed(self, document: Mapping[str, Any]) -> None:
        """Add what a test needs. Raises ValueError for what it does not know.

        `services`: list of {name, variables}, made an hour ago; `forks`: list of names of environments forked from the
        default one; `workspaceTokens`: list of tokens; `foreignDomains`: list of names that other people have;
        `behaviour`: switches of `Behaviour`, `holds` among them.
        """
        known = {"services", "forks", "workspaceTokens", "foreignDomains", "behaviour"}
        if unknown := sorted(document.keys() - known):
            raise ValueError(f"nothing to seed under {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        with self.world.lock:
            self.world.behaviour.configure(document.get("behaviour", {}))
            project = self.world.seed.project_id
            for name in document.get("forks", []):
                fork = Environment(new_id(), project, name, self.world.seed.environment_id)
                self.world.environments[fork.id] = fork
            for service in document.get("services", []):
                made = self.rules.services.create(project, name=service["name"], variables=service.get("variables"))
                made.created_at -= timedelta(hours=1)
            self.world.foreign_domains.update(document.get("foreignDomains", []))
            for token in document.get("workspaceTokens", []):
                self.world.tokens[token] = WORKSPACE

    def reset(self) -> None:
        """Back to the first state: no service; every process of a deployment has ended, every domain is closed."""
        with self.world.lock:
            walks = self._runner.begin_abort()
            self.world.clear()
            self._endpoint.reset()
        self._runner.finish_abort(walks)
        self._edge.stop()
        shutil.rmtree(self._builds, ignore_errors=True)
        shutil.rmtree(self._volumes, ignore_errors=True)

    def stop(self) -> None:
        """End everything that was started. May be called again."""
        self.reset()

    def _described(self, service: Service) -> dict[str, Any]:
        instances = self.world.instances_of(service.id)
        domains = [self.world.domain_of(instance) for instance in instances]
        return {
            "id": service.id,
            "name": service.name,
            "deletedAt": service.deleted_at.isoformat() if service.deleted_at else None,
            "domains": [domain.domain for domain in domains if domain],
            "variables": sorted({name for instance in instances for name in plain(instance)}),
            "serving": [instance.serving for instance in instances if instance.serving],
        }

    def _service(self, name_or_id: str) -> Service:
        for service in self.world.services.values():
            if name_or_id in {service.id, service.name}:
                return service
        raise KeyError(f"no service {name_or_id}")

    def _default_instance(self, service: str) -> Instance:
        found = self.world.instances_of(self._service(service).id)
        return next(each for each in found if each.environment_id == self.world.seed.environment_id)
