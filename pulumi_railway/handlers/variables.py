"""`railway:index:Variables`: the managed variables of a service; those of others stay as they are."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import variables
from pulumi_railway.api.errors import NotFound
from pulumi_railway.errors import UserError
from pulumi_railway.handlers import checks, fingerprints, identity, imports, variable_writes
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.presence import service_is_gone
from pulumi_railway.handlers.service import MARKER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pulumi_railway.api.place import Place

CHANGED: Final = "changed outside Pulumi"
"""What a refresh puts in the place of a reference whose variable no longer holds that secret."""


class VariablesHandler:
    """Plain values, and references to secrets whose payloads go to Railway and nowhere else. Nothing here deploys."""

    token = "railway:index:Variables"  # noqa: S105 - a type token

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """Names, texts, references and prefixes; a name is plain or secret, not both."""
        inputs = checks.Inputs(news, (*identity.PLACE_INPUTS, "variables", "secrets", "secretPrefixes"))
        checks.place(inputs)
        plain, references = inputs.mapping("variables"), inputs.mapping("secrets")
        inputs.plain_variables("variables", plain)
        inputs.secret_variables("secrets", references)
        prefixes = inputs.mapping("secretPrefixes")
        inputs.prefixes("secretPrefixes", prefixes, references or prefixes)
        if MARKER in {*plain, *references}:
            inputs.fail(
                f"variables.{MARKER}", "is this provider's own: it says whose the service is; take another name"
            )
        for name in sorted(set(plain) & set(references)):
            inputs.fail(f"variables.{name}", "is among the secrets too; keep one of them")
        checked = inputs.result()
        empty: dict[str, Any] = {"variables": {}, "secrets": {}, "secretPrefixes": {}}
        return Checked({**empty, **checked.inputs}, checked.failures)

    def diff(self, old: State, news: Properties) -> Diff:
        """Another service means another resource; `secretPrefixes` matters to what is written next."""
        return diff(old, news, compared=("variables", "secrets"), replaced=identity.PLACE_INPUTS)

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:  # noqa: ARG002 - the contract
        """No payload is read: a preview needs no permission to."""
        return {**news, "fingerprints": UNKNOWN, "revision": UNKNOWN}

    def create(self, context: Context, inputs: Properties) -> State:
        """All payloads are fetched and judged before the one write."""
        return self._write(context, identity.from_inputs(inputs), inputs, before=())

    def read(self, context: Context, old: State) -> State | None:
        """The managed names as they are live; a secret that changed becomes `CHANGED`, a deleted variable is absent.

        An import manages no name yet: the next update adds those of the program and leaves all others alone. Raises
        `PartialFailure` where the removal of a managed name is staged, so that the next update applies or discards it.
        """
        place = imports.place_of(context, old)
        try:
            live = variables.read(context.api, place)
            left = variable_writes.staged_removals(context, place, _managed(old))
        except NotFound:
            if service_is_gone(context, place):
                return None
            raise
        known: Mapping[str, str] = old.outputs.get("fingerprints", {})
        plain = {name: _shown(live[name], value) for name, value in _of(old, "variables").items() if name in live}
        references = {
            name: _seen(known.get(name), live[name], value) for name, value in _references(old).items() if name in live
        }
        prefixes = _of(old, "secretPrefixes")
        inputs = {
            **identity.as_inputs(place),
            "variables": plain,
            "secrets": references,
            "secretPrefixes": dict(prefixes),
        }
        revision = old.outputs.get("revision") or secrets.token_hex(8)
        outputs = {**inputs, "fingerprints": dict(known), "revision": revision}
        return _without(left, State(identity.of_place(place), inputs, outputs), place)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Names that the user took away are removed; nothing else is."""
        return self._write(context, identity.place_of(old.id), inputs, before=_managed(old), left=_left(old))

    def delete(self, context: Context, old: State) -> None:
        """Remove the managed names without a deployment."""
        place = identity.place_of(old.id)
        try:
            live = variables.read(context.api, place)
            variable_writes.write(context, place, {}, [name for name in _managed(old) if name in live])
        except NotFound:
            if not service_is_gone(context, place):
                raise

    def _write(
        self,
        context: Context,
        place: Place,
        inputs: Properties,
        before: tuple[str, ...],
        left: Collection[str] = (),
    ) -> State:
        payloads = context.secrets.payloads(inputs["secrets"], inputs["secretPrefixes"])
        values = {**inputs["variables"], **payloads}
        marks = {name: fingerprints.of(payload) for name, payload in payloads.items()}
        outputs = {**inputs, "fingerprints": marks, "revision": secrets.token_hex(8)}
        state = State(identity.of_place(place), inputs, outputs)
        try:
            variable_writes.write(context, place, values, [name for name in before if name not in values], left)
        except UserError as error:
            raise PartialFailure(state, [str(error)]) from error
        return state


def _of(state: State, kind: str) -> Mapping[str, Any]:
    """What is recorded, with what an update that failed may have written: that is among the outputs alone."""
    return {**(state.outputs.get(kind) or {}), **(state.inputs.get(kind) or {})}


def _references(state: State) -> Mapping[str, Any]:
    """The secrets that are recorded; `CHANGED` where an update that failed has left it open which version it is."""
    before, after = state.inputs.get("secrets") or {}, state.outputs.get("secrets") or {}
    open_ = [name for name in before.keys() & after.keys() if before[name] != after[name]]
    return {**_of(state, "secrets"), **dict.fromkeys(open_, CHANGED)}


def _without(left: Collection[str], found: State, place: Place) -> State:
    """`found`; where the removal of variables is `left` staged, it raises it without these among the outputs."""
    if not left:
        return found
    kept = {
        kind: {name: value for name, value in found.inputs[kind].items() if name not in left}
        for kind in ("variables", "secrets")
    }
    reason = (
        f"The removal of {', '.join(sorted(left))} is staged in environment {place.environment_id} and not applied, by "
        "a run that did not come to its end or by somebody else: up applies it, or discards it where they are wanted."
    )
    raise PartialFailure(State(found.id, found.inputs, {**found.outputs, **kept}), [reason])


def _left(state: State) -> set[str]:
    """The variables that are there, but would not be where the last update had come to its end."""
    inputs, outputs = (State(state.id, part, {}) for part in (state.inputs, state.outputs))
    return set(_managed(inputs)) - set(_managed(outputs))


def _managed(state: State) -> tuple[str, ...]:
    return (*_of(state, "variables"), *_of(state, "secrets"))


def _shown(live: str | None, recorded: str) -> str:
    """A plain value as it is live; a sealed one cannot be read and counts as unchanged."""
    return recorded if live is None else live


def _seen(fingerprint: str | None, live: str | None, reference: str) -> str:
    """The reference where the variable still holds its secret, or cannot be read because it is sealed."""
    if live is None:
        return reference
    return reference if fingerprint and fingerprints.matches(fingerprint, live) else CHANGED
