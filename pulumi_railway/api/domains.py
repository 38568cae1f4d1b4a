"""Railway's own domains of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation, query
from pulumi_railway.api.place import Place

if TYPE_CHECKING:
    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient

READ: Final = query(
    "domains",
    """
    query domains($projectId: String!, $environmentId: String!, $serviceId: String!) {
      domains(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) {
        serviceDomains { id domain targetPort deletedAt }
      }
    }
    """,
)
CREATE: Final = mutation(
    "serviceDomainCreate",
    """
    mutation serviceDomainCreate($input: ServiceDomainCreateInput!) {
      serviceDomainCreate(input: $input) { id domain targetPort }
    }
    """,
    idempotent=False,
)
UPDATE: Final = mutation(
    "serviceDomainUpdate",
    "mutation serviceDomainUpdate($input: ServiceDomainUpdateInput!) { serviceDomainUpdate(input: $input) }",
    idempotent=True,
)
DELETE: Final = mutation(
    "serviceDomainDelete",
    "mutation serviceDomainDelete($id: String!) { serviceDomainDelete(id: $id) }",
    idempotent=True,
)


@dataclass(frozen=True)
class ServiceDomain:
    """A generated or renamed domain; `target_port` is None where Railway picks it."""

    id: str
    domain: str
    target_port: int | None


def read(client: RailwayClient, place: Place) -> list[ServiceDomain]:
    """The service's domains, those being deleted left out. Raises `NotFound` where the service is gone."""
    found = client.execute(READ, place.ids())["serviceDomains"].items()
    return [_domain(entry) for entry in found if entry["deletedAt"].value is None]


def create(client: RailwayClient, place: Place, target_port: int | None) -> ServiceDomain:
    """Let Railway generate a domain. Raises `AmbiguousResult` where no answer came: read before anything else."""
    fields = {**place.instance_ids(), "targetPort": target_port}
    return _domain(client.execute(CREATE, {"input": fields}))


def update(client: RailwayClient, place: Place, domain: ServiceDomain) -> None:
    """Give the domain with this id the name and port that `domain` holds."""
    wanted = {"serviceDomainId": domain.id, "domain": domain.domain, "targetPort": domain.target_port}
    client.execute(UPDATE, {"input": {**place.instance_ids(), **wanted}})


def delete(client: RailwayClient, domain_id: str) -> None:
    """Delete the domain."""
    client.execute(DELETE, {"id": domain_id})


def _domain(answer: Answer) -> ServiceDomain:
    return ServiceDomain(answer["id"].text(), answer["domain"].text(), answer["targetPort"].integer_or_none())
