"""Service domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import RailwayError
from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always

if TYPE_CHECKING:
    from localcloud.railway.context import Context
    from localcloud.railway.state.model import Domain, Instance


def domains(context: Context, *, project_id: str, environment_id: str, service_id: str) -> dict[str, Any]:
    """The domains of an instance."""
    context.environment(environment_id, project_id)
    return all_domains(context, context.instance(service_id, environment_id))


def all_domains(context: Context, instance: Instance) -> dict[str, Any]:
    """The domains of an instance, also those being deleted."""
    place = (instance.service_id, instance.environment_id)
    own = [each for each in context.world.domains.values() if (each.service_id, each.environment_id) == place]
    custom = [each for each in context.world.custom_domains.values() if (each.service_id, each.environment_id) == place]
    return {"service_domains": own, "custom_domains": custom}


def service_domain_create(context: Context, *, given: dict[str, Any]) -> Domain:
    """Give an instance a domain."""
    instance = context.instance(given["serviceId"], given["environmentId"])
    return context.rules.domains.create(instance, given.get("targetPort"))


def service_domain_update(context: Context, *, given: dict[str, Any]) -> bool:
    """Rename a domain or set its port."""
    context.instance(given["serviceId"], given["environmentId"])
    domain = context.domain(given["serviceDomainId"])
    if (domain.service_id, domain.environment_id) != (given["serviceId"], given["environmentId"]):
        raise RailwayError("ServiceDomain not found")
    context.rules.domains.update(domain, given["domain"], given.get("targetPort", domain.target_port))
    return True


def service_domain_delete(context: Context, *, id_: str) -> bool:
    """Delete a domain."""
    context.rules.domains.delete(context.domain(id_))
    return True


def service_domain_available(context: Context, *, domain: str) -> dict[str, Any]:
    """Whether a domain could be had."""
    problem = context.rules.domains.availability(domain)
    return {"available": problem is None, "message": problem or "Domain is available"}


def _sync_status(context: Context, source: Domain) -> str:
    return context.rules.domains.sync_status(source)


QUERIES: Resolvers = {"domains": domains, "serviceDomainAvailable": service_domain_available}
MUTATIONS: Resolvers = {
    "serviceDomainCreate": service_domain_create,
    "serviceDomainUpdate": service_domain_update,
    "serviceDomainDelete": service_domain_delete,
}
TYPES: TypeResolvers = {
    "ServiceDomain": {"syncStatus": _sync_status, "suffix": always(None), "edgeId": always(None)},
}
