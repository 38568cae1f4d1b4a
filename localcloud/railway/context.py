"""What a resolver works with: the caller, the rules, and lookups that refuse what the caller may not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.railway.errors import NOT_AUTHORIZED, RailwayError, not_found

if TYPE_CHECKING:
    from localcloud.railway.access import Caller
    from localcloud.railway.state.model import (
        CustomDomain,
        Deployment,
        Domain,
        Environment,
        Instance,
        Project,
        Service,
        Trigger,
        Volume,
    )
    from localcloud.railway.state.rules import Rules
    from localcloud.railway.state.variables import Owner
    from localcloud.railway.state.world import World


@dataclass(frozen=True)
class Context:
    """One request. A lookup of an unknown id raises "Not Authorized", just as one of a foreign id."""

    caller: Caller
    world: World
    rules: Rules

    def project(self, project_id: str) -> Project:
        """The project."""
        self._allow(project_id if project_id in self.world.projects else None)
        return self.world.projects[project_id]

    def environment(self, environment_id: str, project_id: str | None = None) -> Environment:
        """The environment, which has to be one of the project where that is given."""
        environment = self.world.environments.get(environment_id)
        if environment is None or project_id not in {None, environment.project_id}:
            raise RailwayError(NOT_AUTHORIZED)
        self._allow(environment.project_id, environment_id)
        return environment

    def service(self, service_id: str) -> Service:
        """The service."""
        service = self.world.services.get(service_id)
        self._allow(service.project_id if service else None)
        return self.world.services[service_id]

    def instance(self, service_id: str, environment_id: str) -> Instance:
        """The service in the environment. Raises "ServiceInstance not found" where both exist and the pair does not."""
        self.environment(environment_id)
        self.service(service_id)
        instance = self.world.instance(service_id, environment_id)
        if instance is None or instance.deleted_at is not None:
            raise not_found("ServiceInstance")
        return instance

    def owner(self, project_id: str, environment_id: str, service_id: str | None) -> Owner:
        """Whose variables are meant: the instance's, or without a service the environment's shared ones."""
        environment = self.environment(environment_id, project_id)
        return environment if service_id is None else self.instance(service_id, environment_id)

    def deployment(self, deployment_id: str) -> Deployment:
        """The deployment. Raises "Deployment not found" for an unknown id."""
        deployment = self.world.deployments.get(deployment_id)
        if deployment is None:
            raise not_found("Deployment")
        self._allow(deployment.project_id, deployment.environment_id)
        return deployment

    def trigger(self, trigger_id: str) -> Trigger:
        """The push trigger."""
        trigger = self.world.triggers.get(trigger_id)
        if trigger is None:
            raise not_found("DeploymentTrigger")
        self._allow(trigger.project_id, trigger.environment_id)
        return trigger

    def domain(self, domain_id: str) -> Domain:
        """The service domain that is not yet deleted."""
        domain = self.world.domains.get(domain_id)
        if domain is None or domain.deleted_at is not None:
            raise not_found("ServiceDomain")
        self._allow(domain.project_id, domain.environment_id)
        return domain

    def custom_domain(self, domain_id: str) -> CustomDomain:
        """The custom domain that is not yet deleted."""
        domain = self.world.custom_domains.get(domain_id)
        if domain is None or domain.deleted_at is not None:
            raise not_found("CustomDomain")
        self._allow(domain.project_id, domain.environment_id)
        return domain

    def volume(self, volume_id: str) -> Volume:
        """The volume that is not yet deleted."""
        volume = self.world.volumes.get(volume_id)
        if volume is None or volume.deleted_at is not None:
            raise not_found("Volume")
        self._allow(volume.project_id)
        return volume

    def _allow(self, project_id: str | None, environment_id: str | None = None) -> None:
        if project_id is None or not self.caller.may_see(project_id, environment_id):
            raise RailwayError(NOT_AUTHORIZED)
