"""The Redis beside a gateway of several replicas: service, variables, volume, one deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi

import pulumi_railway as railway
from gateway.component import SourceArgs, part_of

TOKEN: Final = "gateway:index:Redis"  # noqa: S105 - a Pulumi type token
PORT: Final = 6379
MOUNT_PATH: Final = "/data"
PASSWORD: Final = "REDIS_PASSWORD"  # noqa: S105 - the name of a variable
URL: Final = f"redis://default:${{{{{PASSWORD}}}}}@${{{{RAILWAY_PRIVATE_DOMAIN}}}}:${{{{PORT}}}}"
"""Railway puts the values in; the private network alone reaches it."""


@dataclass(frozen=True)
class RedisArgs:
    """What a Redis needs. `password` is the reference of a secret, `projects/P/secrets/S/versions/N`."""

    project_id: str
    environment_id: str
    source: SourceArgs
    name: str
    password: str


class Redis(pulumi.ComponentResource):
    """A Redis whose data outlive its deployments. `deployment` is what a client has to wait for.

    Its volume holds one day's spending, so it goes with it.
    """

    deployment: railway.Deployment

    def __init__(self, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKEN, args.name, None, opts)
        self._args = args
        service = self._service()
        self.deployment = self._deployment(service, self._variables(service), self._volume(service))
        self.register_outputs({"deploymentId": self.deployment.deployment_id})

    def _service(self) -> railway.Service:
        return railway.Service(
            self._args.name,
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            name=self._args.name,
            root_directory=self._args.source.root_directory,
            restart_policy_type="ALWAYS",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _variables(self, service: railway.Service) -> railway.Variables:
        return railway.Variables(
            f"{self._args.name}-variables",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            variables={"PORT": str(PORT), "REDIS_URL": URL},
            secrets={PASSWORD: self._args.password},
            opts=part_of(self, service),
        )

    def _volume(self, service: railway.Service) -> railway.Volume:
        return railway.Volume(
            f"{self._args.name}-volume",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            mount_path=MOUNT_PATH,
            allow_destroy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deployment(
        self, service: railway.Service, variables: railway.Variables, volume: railway.Volume
    ) -> railway.Deployment:
        source = self._args.source
        return railway.Deployment(
            f"{self._args.name}-deployment",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            repository=source.repository,
            branch=source.branch,
            commit=source.commit,
            triggers={
                "source": source.tree,
                "service": service.revision,
                "variables": variables.revision,
                "volume": volume.volume_id,
            },
            opts=part_of(self, service),
        )
