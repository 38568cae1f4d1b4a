"""The Redis beside a gateway of several replicas: service, variables, volume, one deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi

import pulumi_railway as railway

if TYPE_CHECKING:
    from gateway.component import SourceArgs

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
        service = railway.Service(
            args.name,
            project_id=args.project_id,
            environment_id=args.environment_id,
            name=args.name,
            root_directory=args.source.root_directory,
            restart_policy_type="ALWAYS",
            opts=pulumi.ResourceOptions(parent=self),
        )
        variables = railway.Variables(
            f"{args.name}-variables",
            project_id=args.project_id,
            environment_id=args.environment_id,
            service_id=service.service_id,
            variables={"PORT": str(PORT), "REDIS_URL": URL},
            secrets={PASSWORD: args.password},
            opts=self._part_of(service),
        )
        volume = railway.Volume(
            f"{args.name}-volume",
            project_id=args.project_id,
            environment_id=args.environment_id,
            service_id=service.service_id,
            mount_path=MOUNT_PATH,
            allow_destroy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.deployment = railway.Deployment(
            f"{args.name}-deployment",
            project_id=args.project_id,
            environment_id=args.environment_id,
            service_id=service.service_id,
            repository=args.source.repository,
            branch=args.source.branch,
            commit=args.source.commit,
            triggers={
                "source": args.source.tree,
                "service": service.revision,
                "variables": variables.revision,
                "volume": volume.volume_id,
            },
            opts=self._part_of(service),
        )
        self.register_outputs({"deploymentId": self.deployment.deployment_id})

    def _part_of(self, service: railway.Service) -> pulumi.ResourceOptions:
        """Railway deletes what belongs to a service together with it."""
        return pulumi.ResourceOptions(parent=self, deleted_with=service)
