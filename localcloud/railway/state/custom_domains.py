"""Custom domains: each name has one owner, who proves it by DNS records and then gets a certificate."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from localcloud.railway.errors import RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import CustomDomain, Instance

if TYPE_CHECKING:
    from localcloud.railway.state.world import World

_NAME: Final = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?")
_ISSUING_STEPS: Final = 2


@dataclass(frozen=True)
class Record:
    """A DNS record that a custom domain needs; the constants without their prefixes."""

    hostlabel: str
    zone: str
    record_type: str
    required_value: str
    purpose: str

    @property
    def fqdn(self) -> str:
        """The whole name."""
        return f"{self.hostlabel}.{self.zone}" if self.hostlabel else self.zone


class CustomDomainRules:
    """What may be done to custom domains. No request reaches one here: its name leads elsewhere."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, instance: Instance, name: str, target_port: int | None) -> CustomDomain:
        """A new domain, which needs records of its own: none is told before."""
        self._check_name(instance, name)
        if len(self._world.custom_domains_of(instance)) >= self._world.behaviour.custom_domains_per_service:
            raise RailwayError("You have reached the limit for custom domains on your plan")
        service = self._world.services[instance.service_id]
        target, token = f"{secrets.token_hex(4)}.up.railway.app", f"railway-verify={secrets.token_hex(32)}"
        made = CustomDomain(service.project_id, instance.environment_id, service.id, name, target_port, target, token)
        self._world.custom_domains[made.id] = made
        if self.is_own(made):
            self._world.dns |= {(each.fqdn, each.record_type): each.required_value for each in self.records(made)}
        return made

    def update(self, domain: CustomDomain, target_port: int | None) -> None:
        """Set the port; None lets Railway choose."""
        domain.target_port = target_port
        domain.updated_at = now()

    def delete(self, domain: CustomDomain) -> None:
        """Give the name back; the domain is listed for a moment yet."""
        domain.deleted_at = now()
        self._world.timers.after(self._world.speed.step, lambda: self._forget(domain))

    def issue_certificate(self, domain: CustomDomain) -> None:
        """Try anew to issue a certificate, in a moment; until then the failure is shown."""
        self._world.timers.after(self._world.speed.step, lambda: self._forget_failure(domain))

    def is_own(self, domain: CustomDomain) -> bool:
        """Whether Railway is the registrar."""
        return _split(domain.domain)[1] in self._world.behaviour.own_zones

    def records(self, domain: CustomDomain) -> list[Record]:
        """What leads requests here, and for a wildcard what lets Railway prove its ownership; not `verification`."""
        label, zone = _split(domain.domain)
        found = [Record(label, zone, "CNAME", domain.target, "TRAFFIC_ROUTE")]
        if label.startswith("*"):
            challenge = f"{domain.target.partition('.')[0]}.authorize.railwaydns.net"
            found.append(Record(_beside(label, "_acme-challenge"), zone, "CNAME", challenge, "ACME_DNS01_CHALLENGE"))
        return found

    def verification(self, domain: CustomDomain) -> Record | None:
        """The record that proves who owns the name; none where Railway knows."""
        label, zone = _split(domain.domain)
        if self.is_own(domain):
            return None
        return Record(_beside(label, "_railway-verify"), zone, "TXT", domain.token, "UNSPECIFIED")

    def current(self, record: Record) -> str:
        """What the name servers say, empty for nothing."""
        return self._world.dns.get((record.fqdn, record.record_type), "")

    def is_verified(self, domain: CustomDomain) -> bool:
        """Whether the owner is known."""
        record = self.verification(domain)
        return record is None or self.current(record) == record.required_value

    def certificate_status(self, domain: CustomDomain) -> str:
        """VALIDATING_OWNERSHIP until all records are right, then ISSUING, in the end VALID or ISSUE_FAILED."""
        moment = time.monotonic()
        if domain.issuing_since is None:
            if not self._is_complete(domain):
                return "VALIDATING_OWNERSHIP"
            domain.issuing_since = moment
        if moment < domain.issuing_since + _ISSUING_STEPS * self._world.speed.step:
            return "ISSUING"
        domain.certificate_error = domain.certificate_error or self._world.behaviour.certificate_error or None
        return "ISSUE_FAILED" if domain.certificate_error else "VALID"

    def _is_complete(self, domain: CustomDomain) -> bool:
        return self.is_verified(domain) and all(
            self.current(each) == each.required_value for each in self.records(domain)
        )

    def _check_name(self, instance: Instance, name: str) -> None:
        if not _NAME.fullmatch(name) or name.endswith(".railway.app"):
            raise RailwayError(f"{name} is not a valid domain")
        others = [each for each in self._world.custom_domains.values() if each.deleted_at is None]
        if name in self._world.foreign_domains or any(each.domain == name for each in others):
            raise RailwayError(f"{name} is not available")
        theirs = self._world.foreign_domains | {
            each.domain for each in others if each.service_id != instance.service_id
        }
        if any(_covers(each, name) or _covers(name, each) for each in theirs):
            raise RailwayError(f"{name} overlaps with existing wildcard domain")

    def _forget_failure(self, domain: CustomDomain) -> None:
        with self._world.lock:
            domain.issuing_since = domain.certificate_error = None

    def _forget(self, domain: CustomDomain) -> None:
        with self._world.lock:
            self._world.custom_domains.pop(domain.id, None)


def _split(name: str) -> tuple[str, str]:
    """The label within the zone, and the zone, which here is always of two labels."""
    labels = name.split(".")
    return ".".join(labels[:-2]), ".".join(labels[-2:])


def _beside(label: str, prefix: str) -> str:
    below = label.removeprefix("*").removeprefix(".")
    return f"{prefix}.{below}" if below else prefix


def _covers(wildcard: str, name: str) -> bool:
    return wildcard.startswith("*.") and name.partition(".")[2] == wildcard[2:] and name != wildcard
