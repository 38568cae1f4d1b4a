"""`railway:index:Environment`: an environment of a project, empty or copied from another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import project_environments as environments
from pulumi_railway.api.errors import AmbiguousResult, NotFound
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import environment_presence as presence
from pulumi_railway.handlers import identity, imports
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.checks import Inputs
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.waiting import READ_BACK, Clock, await_read, pause

if TYPE_CHECKING:
    from pulumi_railway.api.project_environments import Environment

_KEPT: Final = ("sourceEnvironmentId", "ephemeral")
"""What stays as it is where it is not asked for."""

_FILLED_WITHIN: Final = 120.0
"""Seconds within which a copy has the services of its source, unless a custom timeout says otherwise."""

_GONE_WITHIN: Final = 60.0
"""Seconds within which a deleted environment vanishes from its project's list."""


class EnvironmentHandler:
    """A new one gets its owner as a shared variable; one of that name that does not have it is refused."""

    token = "railway:index:Environment"  # noqa: S105 - a type token

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """A name, perhaps a source; nothing is deployed unless `skipInitialDeploys` is false."""
        inputs = Inputs(news, ("projectId", "name", "sourceEnvironmentId", "ephemeral", "skipInitialDeploys"))
        inputs.text("projectId", shape=r"[^\s/]+", wanted="an id")
        inputs.text("name", shape=r"[^\s/]([^/]*[^\s/])?", wanted="a name without /")
        inputs.text("sourceEnvironmentId", required=False, shape=r"[^\s/]+", wanted="an id")
        inputs.boolean("ephemeral")
        inputs.boolean("skipInitialDeploys")
        checked = inputs.result()
        return Checked({"skipInitialDeploys": True, **checked.inputs}, checked.failures)

    def diff(self, old: State, news: Properties) -> Diff:
        """The name changes in place; `skipInitialDeploys` matters to a create alone.

        Two environments of one name cannot be told apart, so the old one goes first.
        """
        replaced = ["projectId", *(name for name in _KEPT if name in news)]
        found = diff(old, news, compared=("name",), replaced=replaced)
        clashes = bool(found.replaces) and not {"projectId", "name"} & set(found.changes)
        return dataclasses.replace(found, delete_before_replace=clashes)

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:
        """For a create one read proves the token, the project and the source; the name may be that of one replaced."""
        if old is not None:
            return {**old.outputs, **news}
        if not context.api.has_token:
            context.log(
                "warning",
                "Not checked in this preview: the Railway token, the project and the source. Set RAILWAY_API_TOKEN to "
                "have them checked.",
            )
        elif UNKNOWN not in (news["projectId"], news.get("sourceEnvironmentId")):
            presence.require_account(context)
            presence.check_source(news, environments.read(context.api, news["projectId"]))
        return {"ephemeral": False, **news, "environmentId": UNKNOWN}

    def create(self, context: Context, inputs: Properties) -> State:
        """Make it, or take the one that is ours, and wait until a copy has the services of its source."""
        presence.require_account(context)
        before = environments.read(context.api, inputs["projectId"])
        presence.check_source(inputs, before)
        ours = presence.ours(context, inputs, before)
        found = ours or self._new(context, inputs, before)
        return self._filled(context, found, inputs, new=ours is None)

    def read(self, context: Context, old: State) -> State | None:
        """The live environment; of source and kind only what was asked for, but on an import both."""
        project_id, environment_id = imports.environment_of(context, old)
        found = environments.read(context.api, project_id).get(environment_id)
        if found is None:
            return None
        source_id = found.source_id or old.inputs.get("sourceEnvironmentId")  # Railway forgets one that was deleted
        live = {"sourceEnvironmentId": source_id, "ephemeral": found.ephemeral}
        asked = {name: value for name, value in live.items() if name in old.inputs or not old.inputs}
        inputs: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        inputs |= {"projectId": project_id, "name": found.name}
        return _state(found, {**inputs, "skipInitialDeploys": old.inputs.get("skipInitialDeploys", True)})

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Rename it; without another name it is one whose services an earlier run did not see, so wait for them."""
        project_id, environment_id = identity.environment_of(old.id)
        there = environments.read(context.api, project_id)
        found = there.get(environment_id)
        if found is None:
            raise ResourceError(
                f"Environment {environment_id} is gone. Run `pulumi up --refresh`, which makes a new one."
            )
        if found.name != inputs["name"]:
            presence.require_account(context)
            presence.check_free(context, inputs, there)
            return _state(self._rename(context, project_id, found, inputs["name"]), inputs)
        return self._filled(context, found, inputs) if found.source_id in there else _state(found, inputs)

    def delete(self, context: Context, old: State) -> None:
        """Delete it with all that is in it; never the one that a project cannot be without."""
        project_id, environment_id = identity.environment_of(old.id)
        found = environments.read(context.api, project_id).get(environment_id)
        if found is None:
            return
        if found.primary:
            raise ResourceError(
                f"Environment {found.name} ({found.id}) is the primary one of project {project_id}, which is never "
                "deleted. Take it out of the state with `pulumi state delete`; nothing was changed."
            )
        presence.require_account(context)
        try:
            environments.delete(context.api, environment_id)
        except NotFound:
            context.log("info", f"Environment {found.name} ({found.id}) was deleted by somebody else.")
        for _ in Clock(context).polls(_GONE_WITHIN):
            if environment_id not in environments.read(context.api, project_id):
                return
        raise ResourceError(f"Environment {found.name} ({found.id}) is still listed after its deletion. Run again.")

    def _new(self, context: Context, inputs: Properties, before: Mapping[str, Environment]) -> Environment:
        asked = {"ephemeral": False, **inputs}
        try:
            return environments.create(context.api, asked)
        except AmbiguousResult as error:
            context.log("warning", f"{error} Looking whether the environment was made.")
            if found := await_read(context, lambda: _since(context, inputs, before)):
                return found
            message = f"No environment {inputs['name']} is there, so nothing was made: run again. ({error.message})"
            raise ResourceError(message) from error

    def _filled(self, context: Context, found: Environment, inputs: Properties, *, new: bool = False) -> State:
        """The state of an environment once a copy has its services. Raises `PartialFailure` with it until then."""
        state = _state(found, inputs)
        try:
            if new:
                presence.mark(context, inputs["projectId"], found)
            self._await_services(context, found)
        except UserError as error:
            raise PartialFailure(state, [f"Environment {found.name} ({found.id}) exists, but: {error}"]) from error
        return state

    def _await_services(self, context: Context, found: Environment) -> None:
        if found.source_id is None:
            return
        limit = context.timeout or _FILLED_WITHIN
        wanted = environments.services(context.api, found.source_id)
        missing: set[str] = set()
        for _ in Clock(context).polls(limit):
            missing = wanted - environments.services(context.api, found.id)
            if not missing:
                return
        listed = ", ".join(sorted(missing))
        raise ResourceError(
            f"after {limit:.0f} s it has no instance of the services {listed} of its source. Run again."
        )

    def _rename(self, context: Context, project_id: str, found: Environment, name: str) -> Environment:
        environments.rename(context.api, found.id, name)
        live: Environment | None = None
        for seconds in READ_BACK:
            pause(context, seconds)
            live = environments.read(context.api, project_id).get(found.id)
            if live is not None and live.name == name:
                return live
        shown = live.name if live else "no such environment"
        raise ResourceError(f"Railway agreed to call environment {found.id} {name}, but shows {shown}. Run again.")


def _since(context: Context, inputs: Properties, before: Mapping[str, Environment]) -> Environment | None:
    """The environment of the name that was not there `before`."""
    now = environments.read(context.api, inputs["projectId"])
    return presence.named(inputs, {each: now[each] for each in now.keys() - before.keys()})


def _state(found: Environment, inputs: Properties) -> State:
    outputs = {**inputs, "ephemeral": found.ephemeral, "environmentId": found.id}
    outputs |= {"sourceEnvironmentId": found.source_id} if found.source_id else {}
    return State(f"{inputs['projectId']}/{found.id}", inputs, outputs)
