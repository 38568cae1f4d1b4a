"""`railway:index:ServiceDomain`: the one Railway domain of a service."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pulumi_railway.api import domains
from pulumi_railway.api.domains import ServiceDomain
from pulumi_railway.api.errors import AmbiguousResult
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import checks, domain_presence, identity
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.domain_presence import by_id
from pulumi_railway.handlers.waiting import READ_BACK, await_read, insist, pause

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


class ServiceDomainHandler:
    """The name is Railway's choice unless `domain` asks for another; a second domain is never made."""

    token = "railway:index:ServiceDomain"  # noqa: S105 - a type token

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """A port, and perhaps a name."""
        inputs = checks.Inputs(news, (*identity.PLACE_INPUTS, "targetPort", "domain"))
        checks.place(inputs)
        inputs.integer("targetPort", 1, 65535, required=True)
        shape = rf"{_LABEL}(\.{_LABEL})+(:\d+)?"
        inputs.text("domain", required=False, shape=shape, wanted="a domain, e.g. name.up.railway.app")
        return inputs.result()

    def diff(self, old: State, news: Properties) -> Diff:
        """Port and name change in place; a name that is no longer asked for is kept.

        There is one domain of a name, so the old one goes before another service gets it.
        """
        compared = ("targetPort", "domain") if "domain" in news else ("targetPort",)
        found = diff(old, news, compared=compared, replaced=identity.PLACE_INPUTS)
        moves = bool(found.replaces) and "domain" in news and "domain" not in found.changes
        return dataclasses.replace(found, delete_before_replace=moves)

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:  # noqa: ARG002 - the contract
        """An existing domain keeps its name unless another is asked for."""
        before: Properties = old.outputs if old else {}
        domain = news.get("domain", before.get("domain", UNKNOWN))
        url = UNKNOWN if domain is UNKNOWN else f"https://{domain}"
        return {**news, "domainId": before.get("domainId", UNKNOWN), "domain": domain, "url": url}

    def create(self, context: Context, inputs: Properties) -> State:
        """Use the domain there is, else let Railway make one; then set port and name."""
        place = identity.from_inputs(inputs)
        found = self._existing(context, place, inputs) or self._new(context, place, inputs["targetPort"])
        return self._adjusted(context, place, found, inputs)

    def read(self, context: Context, old: State) -> State | None:
        """The recorded domain as it is live; an import has its name too, which a program need not give."""
        place, found = domain_presence.recorded(context, old, domains.read)
        if found is None:
            return None
        inputs: dict[str, Any] = {**identity.as_inputs(place), "targetPort": found.target_port}
        inputs |= {"domain": found.domain} if "domain" in old.inputs or not old.inputs else {}
        return _state(place, found, {name: value for name, value in inputs.items() if value is not None})

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Set port and name."""
        place, domain_id = identity.domain_of(old.id)
        found = by_id(domains.read(context.api, place), domain_id)
        if found is None:
            raise ResourceError(f"Domain {domain_id} is gone: run `pulumi up --refresh`, which makes a new one.")
        return self._adjusted(context, place, found, inputs)

    def delete(self, context: Context, old: State) -> None:
        """Delete the domain."""
        domain_presence.delete(context, old, domains.read, domains.delete)

    def _existing(self, context: Context, place: Place, inputs: Properties) -> ServiceDomain | None:
        found = domains.read(context.api, place)
        named = [each for each in found if each.domain == inputs.get("domain")]
        if len(found) > 1 and not named:
            listed = ", ".join(each.domain for each in found)
            raise ResourceError(f"Service {place.service_id} has {len(found)} domains: {listed}. Name one as `domain`.")
        return next(iter(named or found), None)

    def _new(self, context: Context, place: Place, port: int) -> ServiceDomain:
        what = f"domain for service {place.service_id}"
        try:
            return insist(context, what, lambda: domains.create(context.api, place, port))
        except AmbiguousResult as error:
            return self._after_silence(context, place, error)

    def _after_silence(self, context: Context, place: Place, error: AmbiguousResult) -> ServiceDomain:
        context.log("warning", f"{error} Looking whether the domain was made.")
        if found := await_read(context, lambda: domains.read(context.api, place)):
            return found[0]
        raise ResourceError(f"No domain is there, so none was made: run again. ({error.message})") from error

    def _adjusted(self, context: Context, place: Place, found: ServiceDomain, inputs: Properties) -> State:
        """Port and name as asked, read back where they had to be changed."""
        port, name = inputs["targetPort"], inputs.get("domain", found.domain)
        wanted = dataclasses.replace(found, domain=name, target_port=port)
        if found == wanted:
            return _state(place, found, inputs)
        try:
            domains.update(context.api, place, wanted)
            self._read_back(context, place, wanted)
        except UserError as error:
            raise PartialFailure(
                _state(place, found, inputs), [f"Domain {found.domain} exists, but: {error}"]
            ) from error
        return _state(place, wanted, inputs)

    def _read_back(self, context: Context, place: Place, wanted: ServiceDomain) -> None:
        live: ServiceDomain | None = None
        for seconds in READ_BACK:
            pause(context, seconds)
            live = by_id(domains.read(context.api, place), wanted.id)
            if live == wanted:
                return
        shown = f"{live.domain}, port {live.target_port}" if live else "no such domain"
        asked = f"{wanted.domain}, port {wanted.target_port}"
        raise ResourceError(f"Railway agreed to {asked}, but shows {shown}.")


def _state(place: Place, found: ServiceDomain, inputs: Properties) -> State:
    outputs = {**inputs, "domainId": found.id, "domain": found.domain, "url": f"https://{found.domain}"}
    return State(f"{identity.of_place(place)}/{found.id}", inputs, outputs)
