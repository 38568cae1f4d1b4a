"""All objects, under one lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from localcloud.railway.behaviour import Behaviour
from localcloud.railway.limits import CreationLimit
from localcloud.railway.state.clock import Timers
from localcloud.railway.state.model import (
    CustomDomain,
    Deployment,
    Domain,
    Environment,
    Instance,
    Patch,
    Project,
    Service,
    Trigger,
    Volume,
    VolumeInstance,
)

if TYPE_CHECKING:
    from localcloud.core.seed import RailwaySeed
    from localcloud.railway.speed import Speed

WORKSPACE_ID = "4b3a6ed6-1d5c-4c55-9d3e-6b1e0c7f3a10"
WORKSPACE_NAME = "Local workspace"
ACCOUNT = "account"
WORKSPACE = "workspace"


class World:
    """The tables, each from id to object in the order of creation.

    `tokens` are the Bearer tokens with their kinds, `revoked` those of any kind that are no longer good. `dns` is what
    the world's name servers say, by name and type; `foreign_domains` are those that other people's services have.

    Whoever reads or writes them holds `lock`; a GraphQL request holds it from beginning to end.
    """

    def __init__(self, seed: RailwaySeed, speed: Speed) -> None:
        self.seed = seed
        self.speed = speed
        self.lock = threading.RLock()
        self.timers = Timers()
        self.clear()

    def clear(self) -> None:
        """Go back to the seed."""
        self.timers.cancel()
        self.behaviour = Behaviour()
        self.creations = CreationLimit()
        self.revoked: set[str] = set()
        self.services: dict[str, Service] = {}
        self.instances: dict[str, Instance] = {}
        self.triggers: dict[str, Trigger] = {}
        self.domains: dict[str, Domain] = {}
        self.custom_domains: dict[str, CustomDomain] = {}
        self.dns: dict[tuple[str, str], str] = {}
        self.foreign_domains: set[str] = set()
        self.volumes: dict[str, Volume] = {}
        self.volume_instances: dict[str, VolumeInstance] = {}
        self.deployments: dict[str, Deployment] = {}
        self.patches: dict[str, Patch] = {}
        self.pushes_gather = False
        self.tokens = {self.seed.account_token: ACCOUNT}
        self.projects = {self.seed.project_id: Project(self.seed.project_id, self.seed.project_name, WORKSPACE_ID)}
        production = Environment(self.seed.environment_id, self.seed.project_id, self.seed.environment_name)
        self.environments = {production.id: production}

    def instance(self, service_id: str, environment_id: str) -> Instance | None:
        """The instance of the service in the environment, if there is one."""
        for instance in self.instances.values():
            if (instance.service_id, instance.environment_id) == (service_id, environment_id):
                return instance
        return None

    def instances_of(self, service_id: str) -> list[Instance]:
        """The service in each of its environments."""
        return [instance for instance in self.instances.values() if instance.service_id == service_id]

    def deployments_of(self, instance: Instance) -> list[Deployment]:
        """The deployments of one instance, newest first."""
        place = (instance.service_id, instance.environment_id)
        return [each for each in reversed(self.deployments.values()) if (each.service_id, each.environment_id) == place]

    def domain_of(self, instance: Instance) -> Domain | None:
        """The service domain of the instance that is not being deleted."""
        place = (instance.service_id, instance.environment_id)
        for domain in self.domains.values():
            if (domain.service_id, domain.environment_id) == place and domain.deleted_at is None:
                return domain
        return None

    def triggers_of(self, instance: Instance) -> list[Trigger]:
        """The push triggers of one instance."""
        place = (instance.service_id, instance.environment_id)
        return [each for each in self.triggers.values() if (each.service_id, each.environment_id) == place]

    def volumes_in(self, environment: Environment) -> list[VolumeInstance]:
        """The volumes in an environment."""
        return [each for each in self.volume_instances.values() if each.environment_id == environment.id]

    def custom_domains_of(self, instance: Instance) -> list[CustomDomain]:
        """The custom domains of the instance that are not being deleted."""
        place = (instance.service_id, instance.environment_id)
        live = [each for each in self.custom_domains.values() if each.deleted_at is None]
        return [each for each in live if (each.service_id, each.environment_id) == place]

    def volume_of(self, instance: Instance) -> VolumeInstance | None:
        """The volume that is attached to the instance and not being deleted."""
        place = (instance.service_id, instance.environment_id)
        for found in self.volume_instances.values():
            if (found.service_id, found.environment_id) == place and self.volumes[found.volume_id].deleted_at is None:
                return found
        return None
