"""Services: created in every environment that is no fork, connected to a repository, deleted in two steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import Environment, Instance, Service, Source, Trigger, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.railway.state.custom_domains import CustomDomainRules
    from localcloud.railway.state.deployments import DeploymentRules
    from localcloud.railway.state.domains import DomainRules
    from localcloud.railway.state.variables import VariableRules
    from localcloud.railway.state.world import World

LONGEST_NAME = 32


class ServiceRules:
    """What may be done to services."""

    def __init__(
        self,
        world: World,
        deployments: DeploymentRules,
        variables: VariableRules,
        domains: DomainRules,
        custom_domains: CustomDomainRules,
    ) -> None:
        self._world = world
        self._deployments = deployments
        self._variables = variables
        self._domains = domains
        self._custom_domains = custom_domains

    def create(
        self,
        project_id: str,
        environment: Environment | None = None,
        *,
        name: str | None = None,
        icon: str | None = None,
        source: Source = Source(),  # noqa: B008 - frozen
        variables: Mapping[str, str] | None = None,
    ) -> Service:
        """A new service, in a fork only if `environment` is one. With a source it deploys where it was made first."""
        service = Service(project_id, name or f"service-{new_id()[:8]}", icon)
        self._check_name(service)
        self._check_source(source)
        fork = environment is not None and environment.is_fork
        places = [environment] if fork and environment else self._main_environments(project_id)
        self._world.services[service.id] = service
        for place in places:
            instance = Instance(service.id, place.id)
            self._world.instances[instance.id] = instance
            self._variables.write(instance, variables or {}, deploy=False)
        if source.repo or source.image:
            self._attach(service, source)
        return service

    def rename(self, service: Service, *, name: str | None, icon: str | None) -> None:
        """Change name and icon; None keeps."""
        renamed = replace(service, name=service.name if name is None else name)
        self._check_name(renamed)
        service.name = renamed.name
        service.icon = service.icon if icon is None else icon
        service.updated_at = now()

    def connect(self, service: Service, source: Source) -> None:
        """Set the source and the push trigger, and deploy the head of the branch in the default environment."""
        self._check_source(source)
        self._attach(service, source)

    def disconnect(self, service: Service) -> None:
        """Take source and push trigger away; what runs goes on running."""
        self._drop_triggers(service)
        for instance in self._world.instances_of(service.id):
            instance.source = Source()

    def delete(self, service: Service) -> None:
        """Stop everything of the service now; it is listed with `deletedAt` for a moment yet."""
        service.deleted_at = now()
        self._drop_triggers(service)
        for instance in self._world.instances_of(service.id):
            self._take_offline(instance)
        self._world.timers.after(self._world.speed.step, lambda: self._forget(service))

    def delete_from_fork(self, instance: Instance) -> None:
        """Take the service out of one environment."""
        self._take_offline(instance)
        for trigger in self._world.triggers_of(instance):
            del self._world.triggers[trigger.id]
        self._world.instances.pop(instance.id)

    def _take_offline(self, instance: Instance) -> None:
        instance.deleted_at = now()
        instance.serving = None
        for deployment in self._world.deployments_of(instance):
            self._deployments.remove(deployment)
        if domain := self._world.domain_of(instance):
            self._domains.delete(domain)
        for custom in self._world.custom_domains_of(instance):
            self._custom_domains.delete(custom)
        if volume := self._world.volume_of(instance):
            volume.service_id = None

    def _forget(self, service: Service) -> None:
        with self._world.lock:
            for instance in self._world.instances_of(service.id):
                self._world.instances.pop(instance.id, None)
            self._world.services.pop(service.id, None)

    def _attach(self, service: Service, source: Source) -> None:
        self._drop_triggers(service)
        branch = (source.branch or self._world.seed.branch) if source.repo else None
        instances = self._world.instances_of(service.id)
        for instance in instances:
            instance.source = replace(source, branch=branch)
            instance.auto_deploy = True
            if source.repo and branch:
                trigger = Trigger(service.project_id, instance.environment_id, service.id, source.repo, branch)
                self._world.triggers[trigger.id] = trigger
        self._deployments.deploy_head(instances[0])

    def _drop_triggers(self, service: Service) -> None:
        for trigger in list(self._world.triggers.values()):
            if trigger.service_id == service.id:
                del self._world.triggers[trigger.id]

    def _main_environments(self, project_id: str) -> list[Environment]:
        return [
            each for each in self._world.environments.values() if each.project_id == project_id and not each.is_fork
        ]

    def _check_name(self, service: Service) -> None:
        if not service.name or len(service.name) > LONGEST_NAME:
            raise RailwayError(BAD_INPUT)
        others = (each.name for each in self._world.services.values() if each.id != service.id and not each.deleted_at)
        if self._world.behaviour.unique_service_names and service.name in others:
            raise RailwayError(f"A service named {service.name} already exists in this project")

    def _check_source(self, source: Source) -> None:
        seed = self._world.seed
        if source.repo is not None and source.repo != seed.repository:
            raise RailwayError("GitHub repository not found")
        if source.repo is not None and source.branch not in {None, seed.branch}:
            raise RailwayError("GitHub branch not found")
