"""Service instances: the settings of a service in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api.documents import mutation, query
from pulumi_railway.api.place import Place

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient

READABLE: Final = (
    *(
        "rootDirectory",
        "builder",
        "buildCommand",
        "dockerfilePath",
        "railwayConfigFile",
        "watchPatterns",
        "nixpacksPlan",
    ),
    *("healthcheckPath", "healthcheckTimeout", "restartPolicyType", "restartPolicyMaxRetries"),
    *("numReplicas", "sleepApplication", "cronSchedule", "startCommand", "preDeployCommand"),
    *("overlapSeconds", "drainingSeconds", "ipv6EgressEnabled"),
)
"""The settings an instance shows; `multiRegionConfig` can be set here but is seen in the environment's config alone."""

_NESTED: Final = frozenset({"watchPatterns", "nixpacksPlan", "preDeployCommand"})

READ: Final = query(
    "serviceInstance",
    f"""
    query serviceInstance($environmentId: String!, $serviceId: String!) {{
      serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {{
        serviceName
        deletedAt
        source {{ repo }}
        latestDeployment {{ id }}
        {" ".join(READABLE)}
      }}
    }}
    """,
)
UPDATE: Final = mutation(
    "serviceInstanceUpdate",
    """
    mutation serviceInstanceUpdate($environmentId: String!, $serviceId: String!, $input: ServiceInstanceUpdateInput!) {
      serviceInstanceUpdate(environmentId: $environmentId, serviceId: $serviceId, input: $input)
    }
    """,
    idempotent=True,
)

AUTO_DEPLOY: Final = query(
    "serviceInstanceAutoDeployStatus",
    """
    query serviceInstanceAutoDeployStatus($projectId: String!, $environmentId: String!, $serviceId: String!) {
      serviceInstanceAutoDeployStatus(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) {
        enabled
      }
    }
    """,
)
SET_AUTO_DEPLOY: Final = mutation(
    "serviceInstanceAutoDeployUpdate",
    """
    mutation serviceInstanceAutoDeployUpdate($input: ServiceInstanceAutoDeployUpdateInput!) {
      serviceInstanceAutoDeployUpdate(input: $input) { enabled }
    }
    """,
    idempotent=True,
)


@dataclass(frozen=True)
class Instance:
    """A service in one environment: `settings` under Railway's names, `repository` as `owner/name` where connected."""

    service_name: str
    deleted: bool
    repository: str | None
    deployed: bool
    settings: Mapping[str, Any]


def read(client: RailwayClient, place: Place) -> Instance:
    """The live instance. Raises `NotFound` where there is none."""
    answer = client.execute(READ, place.instance_ids())
    source = answer["source"]
    return Instance(
        service_name=answer["serviceName"].text(),
        deleted=answer["deletedAt"].value is not None,
        repository=None if source.value is None else source["repo"].text_or_none(),
        deployed=answer["latestDeployment"].value is not None,
        settings={name: answer[name].value if name in _NESTED else answer[name].scalar() for name in READABLE},
    )


def update(client: RailwayClient, place: Place, settings: Mapping[str, Any]) -> None:
    """Set these, `None` clears one; nothing is deployed. Railway agrees even where nothing happens: read back."""
    client.execute(UPDATE, {**place.instance_ids(), "input": dict(settings)})


def auto_deploy(client: RailwayClient, place: Place) -> bool:
    """Whether a push to the connected branch deploys by itself."""
    return client.execute(AUTO_DEPLOY, place.ids())["enabled"].boolean()


def set_auto_deploy(client: RailwayClient, place: Place, *, enabled: bool) -> None:
    """Let a push to the connected branch deploy by itself, or not."""
    client.execute(SET_AUTO_DEPLOY, {"input": {**place.ids(), "enabled": enabled}})
