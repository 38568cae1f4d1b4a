"""The wait for a custom domain's certificate: bounded, told whenever something changes, taken up by the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_railway.api import custom_domains
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.waiting import Pace

if TYPE_CHECKING:
    from pulumi_railway.api.custom_domains import CustomDomain, DnsRecord
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

VALID: Final = "VALID"
TIMEOUT: Final = 600
"""Seconds to wait where the program does not say."""

LONGEST_TIMEOUT: Final = 72 * 3600
"""Seconds after which Railway gives up: https://docs.railway.com/reference/public-networking"""

PACE: Final = Pace(first=1.0, growth=1.4, longest=60.0)
"""An hour of waiting fits into the Free plan's 100 requests."""

_FAILED: Final = "ISSUE_FAILED"
_SETTLES: Final = 10.0
"""Seconds for which a failed issue may still be shown after another was asked for."""


def follow(context: Context, clock: Clock, place: Place, found: CustomDomain, limit: float) -> CustomDomain:
    """The domain with a valid certificate. Raises `ResourceError` where there is none in `limit` seconds."""
    if found.certificate_status == VALID:
        return found
    again = found.certificate_status == _FAILED
    if again:
        context.log("warning", f"{_failure(found)} Asking for another.")
        custom_domains.issue_certificate(context.api, found.id)
    said = ""
    for seconds in clock.polls(limit):
        found = _look(context, place, found)
        if found.certificate_status == VALID:
            return found
        if found.certificate_status == _FAILED and not (again and seconds < _SETTLES):
            raise ResourceError(f"{_failure(found)} Mend that and run again, which asks for another.")
        if (status := describe(found)) != said:
            context.log("info", f"Waiting up to {limit:g} s for the certificate of {found.domain}: {status}")
            said = status
    raise ResourceError(
        f"There is no certificate for {found.domain} after {limit:g} s: {describe(found)} Run again once that is done. "
        "A program that sets these records from dnsRecords can wait from its second run on only."
    )


def describe(found: CustomDomain) -> str:
    """The status, and the DNS records that do not say yet what they should."""
    missing = "; ".join(_missing(record) for record in found.records if not record.is_right)
    return f"it is {found.certificate_status}. " + (f"DNS does not say yet: {missing}." if missing else "DNS is right.")


def _missing(record: DnsRecord) -> str:
    now = f"now {record.current_value}" if record.current_value else "now nothing"
    return f"{record.record_type} {record.fqdn} {record.required_value} ({now})"


def _failure(found: CustomDomain) -> str:
    reason = found.certificate_error or "Railway gives no reason"
    return f"The certificate for {found.domain} could not be issued: {reason.rstrip('.')}."


def _look(context: Context, place: Place, domain: CustomDomain) -> CustomDomain:
    for each in custom_domains.read(context.api, place):
        if each.id == domain.id:
            return each
    raise ResourceError(
        f"Domain {domain.domain} was deleted meanwhile. Run `pulumi up --refresh`, which makes it anew."
    )
