"""Domains of the user's own; they are read with their service, for a lookup by id is refused to most tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api.documents import mutation, query

if TYPE_CHECKING:
    from pulumi_railway.api.answers import Answer
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.api.place import Place

_FIELDS: Final = """
    id domain targetPort
    status {
      verified verificationDnsHost verificationToken certificateStatus certificateErrorMessage
      dnsRecords { recordType fqdn hostlabel zone requiredValue currentValue status purpose }
    }
"""
READ: Final = query(
    "domains",
    f"""
    query domains($projectId: String!, $environmentId: String!, $serviceId: String!) {{
      domains(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) {{
        customDomains {{ deletedAt {_FIELDS} }}
      }}
    }}
    """,
)
CREATE: Final = mutation(
    "customDomainCreate",
    f"""
    mutation customDomainCreate($input: CustomDomainCreateInput!) {{
      customDomainCreate(input: $input) {{ {_FIELDS} }}
    }}
    """,
    idempotent=False,
)
UPDATE: Final = mutation(
    "customDomainUpdate",
    """
    mutation customDomainUpdate($id: String!, $environmentId: String!, $targetPort: Int) {
      customDomainUpdate(id: $id, environmentId: $environmentId, targetPort: $targetPort)
    }
    """,
    idempotent=True,
)
ISSUE_CERTIFICATE: Final = mutation(
    "customDomainIssueCertificate",
    "mutation customDomainIssueCertificate($id: String!) { customDomainIssueCertificate(id: $id) }",
    idempotent=False,
)
DELETE: Final = mutation(
    "customDomainDelete",
    "mutation customDomainDelete($id: String!) { customDomainDelete(id: $id) }",
    idempotent=True,
)


@dataclass(frozen=True)
class DnsRecord:
    """A record that the domain's owner has to set. Type and purpose are Railway's without their prefixes."""

    record_type: str
    fqdn: str
    hostlabel: str
    zone: str
    required_value: str
    purpose: str
    current_value: str
    is_right: bool


@dataclass(frozen=True)
class CustomDomain:
    """A domain and how far it is; `target_port` is None where Railway picks it."""

    id: str
    domain: str
    target_port: int | None
    verified: bool
    certificate_status: str
    certificate_error: str | None
    records: tuple[DnsRecord, ...]


def read(client: RailwayClient, place: Place) -> list[CustomDomain]:
    """The service's domains, those being deleted left out. Raises `NotFound` where the service is gone."""
    found = client.execute(READ, place.ids())["customDomains"].items()
    return [_domain(entry) for entry in found if entry["deletedAt"].value is None]


def create(client: RailwayClient, place: Place, domain: str, target_port: int | None) -> CustomDomain:
    """Give the service a domain.

    Raises `Refused` where somebody has it or the plan allows no more, and `AmbiguousResult` where no answer came: read
    before anything else.
    """
    return _domain(client.execute(CREATE, {"input": {**place.ids(), "domain": domain, "targetPort": target_port}}))


def update(client: RailwayClient, place: Place, domain_id: str, target_port: int | None) -> None:
    """Set the port; None lets Railway pick it."""
    client.execute(UPDATE, {"id": domain_id, "environmentId": place.environment_id, "targetPort": target_port})


def issue_certificate(client: RailwayClient, domain_id: str) -> None:
    """Ask for a certificate where the issue of one has failed."""
    client.execute(ISSUE_CERTIFICATE, {"id": domain_id})


def delete(client: RailwayClient, domain_id: str) -> None:
    """Delete the domain; should it be made again, its DNS records are others."""
    client.execute(DELETE, {"id": domain_id})


def _domain(answer: Answer) -> CustomDomain:
    status = answer["status"]
    return CustomDomain(
        answer["id"].text(),
        answer["domain"].text(),
        answer["targetPort"].integer_or_none(),
        status["verified"].boolean(),
        status["certificateStatus"].text().removeprefix("CERTIFICATE_STATUS_TYPE_"),
        status["certificateErrorMessage"].text_or_none(),
        _records(status),
    )


def _records(status: Answer) -> tuple[DnsRecord, ...]:
    """Railway's list and the proof of ownership, which is not in it; a wildcard last.

    A resolver that meets the wildcard first answers with it for the names beside it until its cache forgets.
    """
    listed = [_record(entry) for entry in status["dnsRecords"].items()]
    proof = _verification(status, listed[0].zone) if listed else None
    records = [*listed, proof] if proof else listed
    return tuple(sorted(records, key=lambda record: record.hostlabel.startswith("*")))


def _record(answer: Answer) -> DnsRecord:
    return DnsRecord(
        answer["recordType"].text().removeprefix("DNS_RECORD_TYPE_"),
        answer["fqdn"].text(),
        answer["hostlabel"].text(),
        answer["zone"].text(),
        answer["requiredValue"].text(),
        answer["purpose"].text().removeprefix("DNS_RECORD_PURPOSE_"),
        answer["currentValue"].text(),
        answer["status"].text() == "DNS_RECORD_STATUS_PROPAGATED",
    )


def _verification(status: Answer, zone: str) -> DnsRecord | None:
    """The TXT record that proves the ownership; Railway gives its host within the zone, or with the zone behind it."""
    host, token = status["verificationDnsHost"].text_or_none(), status["verificationToken"].text_or_none()
    if host is None or token is None:
        return None
    label, verified = host.removesuffix(f".{zone}"), status["verified"].boolean()
    return DnsRecord("TXT", f"{label}.{zone}", label, zone, token, "VERIFICATION", token if verified else "", verified)
