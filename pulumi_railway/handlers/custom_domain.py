"""`railway:index:CustomDomain`: a domain of the user's own, with what DNS has to say for it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import custom_domains
from pulumi_railway.api.errors import AmbiguousResult, Refused
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import certificates, checks, domain_presence, identity
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.domain_presence import by_id
from pulumi_railway.handlers.waiting import READ_BACK, Clock, await_read, insist, pause

if TYPE_CHECKING:
    from pulumi_railway.api.custom_domains import CustomDomain, DnsRecord
    from pulumi_railway.api.place import Place

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = rf"(?=.{{1,253}}$)(?!.*\.railway\.app$)(\*\.)?({_LABEL}\.)+(?=[a-z]){_LABEL}"
_WAIT: Final = ("waitForCertificate", "certificateTimeout")


class CustomDomainHandler:
    """One name, one service in all of Railway: the service's own is used again, anybody else's never touched."""

    token = "railway:index:CustomDomain"  # noqa: S105 - a type token

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """A name as DNS has it, perhaps a port, perhaps a wait."""
        inputs = checks.Inputs(news, (*identity.PLACE_INPUTS, "domain", "targetPort", *_WAIT))
        checks.place(inputs)
        wanted = "a domain of your own in lower case and punycode, e.g. api.example.com or *.example.com"
        inputs.text("domain", shape=_DOMAIN, wanted=wanted)
        inputs.integer("targetPort", 1, 65535)
        inputs.boolean("waitForCertificate")
        inputs.integer("certificateTimeout", 1, certificates.LONGEST_TIMEOUT)
        return inputs.result()

    def diff(self, old: State, news: Properties) -> Diff:
        """The port changes in place; a wait is to be done while there is no certificate.

        There is one domain of a name, so the old one goes before another service gets it.
        """
        found = diff(old, news, compared=("targetPort",), replaced=(*identity.PLACE_INPUTS, "domain"))
        if found.replaces:
            return dataclasses.replace(found, delete_before_replace="domain" not in found.replaces)
        waits = news.get("waitForCertificate") and old.outputs.get("certificateStatus") != certificates.VALID
        return Diff([*found.changes, "waitForCertificate"]) if waits else found

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:  # noqa: ARG002 - the contract
        """An existing domain keeps its records; what DNS says meanwhile nobody knows."""
        before: Properties = old.outputs if old else {}
        valid = before.get("certificateStatus") == certificates.VALID
        kept = ("domainId", "dnsRecords", *(("verified", "certificateStatus") if valid else ()))
        promised = dict.fromkeys(("domainId", "dnsRecords", "verified", "certificateStatus"), UNKNOWN)
        return {**promised, **{name: before[name] for name in kept if name in before}, **news}

    def create(self, context: Context, inputs: Properties) -> State:
        """Use the domain where the service has it, else ask for it; then set its port and perhaps wait."""
        place = identity.from_inputs(inputs)
        found = self._existing(context, place, inputs["domain"]) or self._new(context, place, inputs)
        return self._completed(context, place, found, inputs)

    def read(self, context: Context, old: State) -> State | None:
        """The recorded or imported domain."""
        place, found = domain_presence.recorded(context, old, custom_domains.read)
        return _state(place, found, old.inputs) if found else None

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Set the port, and perhaps wait."""
        place, domain_id = identity.domain_of(old.id)
        found = by_id(custom_domains.read(context.api, place), domain_id)
        if found is None:
            raise ResourceError(f"Domain {inputs['domain']} is gone: run `pulumi up --refresh`, which makes it anew.")
        return self._completed(context, place, found, inputs)

    def delete(self, context: Context, old: State) -> None:
        """Give the name back."""
        domain_presence.delete(context, old, custom_domains.read, custom_domains.delete)

    def _existing(self, context: Context, place: Place, name: str) -> CustomDomain | None:
        found = next((each for each in custom_domains.read(context.api, place) if each.domain == name), None)
        if found:
            context.log("info", f"Domain {name} ({found.id}) of service {place.service_id} is there already: using it.")
        return found

    def _new(self, context: Context, place: Place, inputs: Properties) -> CustomDomain:
        name, port = inputs["domain"], inputs.get("targetPort")
        try:
            return insist(context, f"domain {name}", lambda: custom_domains.create(context.api, place, name, port))
        except AmbiguousResult as error:
            context.log("warning", f"{error} Looking whether the domain was made.")
            if found := await_read(context, lambda: self._existing(context, place, name)):
                return found
            raise ResourceError(
                f"Domain {name} is not there, so none was made: run again. ({error.message})"
            ) from error
        except Refused as error:
            raise ResourceError(
                f"Railway does not give {name} to service {place.service_id}: {error} Nothing was changed. A name "
                "belongs to one service in all of Railway, and a plan has so many: delete it where it is, import it, "
                "or ask for another."
            ) from error

    def _completed(self, context: Context, place: Place, found: CustomDomain, inputs: Properties) -> State:
        """The port as asked, and a certificate where the program waits for one."""
        try:
            found = self._with_port(context, place, found, inputs.get("targetPort"))
            if inputs.get("waitForCertificate"):
                limit = inputs.get("certificateTimeout", certificates.TIMEOUT)
                clock = Clock(context, certificates.PACE, self._now)
                found = certificates.follow(context, clock, place, found, min(limit, context.timeout or limit))
        except UserError as error:
            state = _state(place, found, inputs)
            raise PartialFailure(state, [f"Domain {found.domain} ({found.id}) exists, but: {error}"]) from error
        return _state(place, found, inputs)

    def _with_port(self, context: Context, place: Place, found: CustomDomain, port: int | None) -> CustomDomain:
        if found.target_port == port:
            return found
        custom_domains.update(context.api, place, found.id, port)
        live: CustomDomain | None = None
        for seconds in READ_BACK:
            pause(context, seconds)
            live = by_id(custom_domains.read(context.api, place), found.id)
            if live and live.target_port == port:
                return live
        shown = f"port {live.target_port}" if live else "no such domain"
        raise ResourceError(f"Railway agreed to port {port}, but shows {shown}. Run again.")


def _record(record: DnsRecord) -> dict[str, str]:
    """Only what stays as it is, whatever DNS says: other resources are made from it."""
    return {
        "recordType": record.record_type,
        "fqdn": record.fqdn,
        "hostlabel": record.hostlabel,
        "zone": record.zone,
        "requiredValue": record.required_value,
        "purpose": record.purpose,
    }


def _state(place: Place, found: CustomDomain, asked: Properties) -> State:
    """The domain as it is live; whether to wait for it is the program's affair."""
    inputs: dict[str, Any] = {**identity.as_inputs(place), "domain": found.domain}
    inputs |= {} if found.target_port is None else {"targetPort": found.target_port}
    inputs |= {name: asked[name] for name in _WAIT if name in asked}
    outputs = {
        **inputs,
        "domainId": found.id,
        "dnsRecords": [_record(record) for record in found.records],
        "verified": found.verified,
        "certificateStatus": found.certificate_status,
    }
    return State(f"{identity.of_place(place)}/{found.id}", inputs, outputs)
