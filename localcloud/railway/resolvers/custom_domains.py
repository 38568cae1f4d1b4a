"""Custom domains, and how far their DNS records and certificates are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.resolvers.common import Resolvers, TypeResolvers, always

if TYPE_CHECKING:
    from localcloud.railway.context import Context
    from localcloud.railway.state.custom_domains import Record
    from localcloud.railway.state.model import CustomDomain


def custom_domain_create(context: Context, *, given: dict[str, Any]) -> CustomDomain:
    """Give an instance a domain of the user's own."""
    context.environment(given["environmentId"], given["projectId"])
    instance = context.instance(given["serviceId"], given["environmentId"])
    return context.rules.custom_domains.create(instance, given["domain"].lower(), given.get("targetPort"))


def custom_domain_update(context: Context, *, id_: str, environment_id: str, target_port: int | None = None) -> bool:
    """Set or clear a domain's port."""
    context.environment(environment_id)
    context.rules.custom_domains.update(context.custom_domain(id_), target_port)
    return True


def custom_domain_delete(context: Context, *, id_: str) -> bool:
    """Delete a domain."""
    context.rules.custom_domains.delete(context.custom_domain(id_))
    return True


def custom_domain_issue_certificate(context: Context, *, id_: str) -> bool:
    """Try anew to issue a certificate."""
    context.rules.custom_domains.issue_certificate(context.custom_domain(id_))
    return True


def _is_railway_domain(context: Context, source: CustomDomain) -> bool:
    return context.rules.custom_domains.is_own(source)


def _status(context: Context, source: CustomDomain) -> dict[str, Any]:
    rules = context.rules.custom_domains
    verification = rules.verification(source)
    return {
        "certificate_status": f"CERTIFICATE_STATUS_TYPE_{rules.certificate_status(source)}",
        "certificate_error_message": source.certificate_error,
        "dns_records": rules.records(source),
        "verification_dns_host": verification.hostlabel if verification else None,
        "verification_token": verification.required_value if verification else None,
        "verified": rules.is_verified(source),
    }


def _current_value(context: Context, source: Record) -> str:
    return context.rules.custom_domains.current(source)


def _purpose(_context: Context, source: Record) -> str:
    return f"DNS_RECORD_PURPOSE_{source.purpose}"


def _record_type(_context: Context, source: Record) -> str:
    return f"DNS_RECORD_TYPE_{source.record_type}"


def _record_status(context: Context, source: Record) -> str:
    right = context.rules.custom_domains.current(source) == source.required_value
    return f"DNS_RECORD_STATUS_{'PROPAGATED' if right else 'REQUIRES_UPDATE'}"


QUERIES: Resolvers = {}
MUTATIONS: Resolvers = {
    "customDomainCreate": custom_domain_create,
    "customDomainUpdate": custom_domain_update,
    "customDomainDelete": custom_domain_delete,
    "customDomainIssueCertificate": custom_domain_issue_certificate,
}
TYPES: TypeResolvers = {
    "CustomDomain": {"status": _status, "isRailwayDomain": _is_railway_domain, "edgeId": always(None)},
    "DNSRecords": {
        "currentValue": _current_value,
        "purpose": _purpose,
        "recordType": _record_type,
        "status": _record_status,
    },
}
