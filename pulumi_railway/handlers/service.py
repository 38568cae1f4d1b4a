"""`railway:index:Service`: a service and its settings in one environment. The repository belongs to `Deployment`."""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import project_environments, projects, services, variables
from pulumi_railway.api.errors import AmbiguousResult, NotFound
from pulumi_railway.api.place import Place
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import identity, imports, settings
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.checks import Inputs
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.presence import open_project, service_is_gone
from pulumi_railway.handlers.waiting import Clock, await_owner, await_read

if TYPE_CHECKING:
    from pulumi_railway.api.projects import Project

MARKER: Final = "PULUMI_OWNER"
"""A variable each new service gets at birth: it tells a service of an interrupted run from somebody else's."""

_GONE_WITHIN: Final = 60.0
"""Seconds within which a deleted service vanishes from its project's list, or at least shows as being deleted."""


class ServiceHandler:
    """A service is made empty, so that nothing is deployed before settings, variables and domain are in place."""

    token = "railway:index:Service"  # noqa: S105 - a type token

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """Names and settings; `adopt` is false where it is absent."""
        inputs = Inputs(news, ("projectId", "environmentId", "name", "adopt", *settings.SETTINGS))
        for name in ("projectId", "environmentId"):
            inputs.text(name, shape=r"[^\s/]+", wanted="an id")
        inputs.text("name", shape=r"\S(.{0,30}\S)?", wanted="a name of at most 32 characters")
        inputs.boolean("adopt")
        settings.check(inputs)
        checked = inputs.result()
        return Checked({"adopt": False, **checked.inputs}, checked.failures)

    def diff(self, old: State, news: Properties) -> Diff:
        """Everything but project and environment changes in place; `adopt` matters to a create alone.

        Two services of one name cannot stand beside each other in a project, so the old one goes first.
        """
        found = diff(old, news, compared=("name", *settings.SETTINGS), replaced=("projectId", "environmentId"))
        clashes = bool(found.replaces) and not {"projectId", "name"} & set(found.changes)
        return dataclasses.replace(found, delete_before_replace=clashes)

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:
        """For a create one read proves the token, the project, the environment and that the name is free."""
        if old is not None:
            return {**news, "serviceId": old.outputs.get("serviceId", UNKNOWN), "revision": UNKNOWN}
        known = UNKNOWN not in (news.get("projectId"), news.get("environmentId"), news.get("name"))
        if not context.api.has_token:
            context.log(
                "warning",
                "Not checked in this preview: the Railway token, the project, the environment and whether the name is "
                "free. Set RAILWAY_TOKEN or RAILWAY_API_TOKEN to have them checked.",
            )
        elif known:
            self._existing(context, news, open_project(context, news["projectId"], news["environmentId"]))
        return {**news, "serviceId": UNKNOWN, "revision": UNKNOWN}

    def create(self, context: Context, inputs: Properties) -> State:
        """Make the service, or take the one that is ours or may be adopted, and write its settings."""
        project = open_project(context, inputs["projectId"], inputs["environmentId"])
        service_id = self._existing(context, inputs, project) or self._new(context, inputs)
        place = Place(inputs["projectId"], inputs["environmentId"], service_id)
        state = _state(place, inputs)
        try:
            settings.write(context, place, settings.wanted(inputs, {}), {})
        except UserError as error:
            raise PartialFailure(state, [f"Service {inputs['name']} ({service_id}) exists, but: {error}"]) from error
        return state

    def read(self, context: Context, old: State) -> State | None:
        """The live name and settings; of the settings only the managed ones, on an import all that are not default."""
        place = imports.place_of(context, old)
        importing = not old.inputs
        try:
            instance, live = settings.live(context, place, regions=importing or "multiRegionConfig" in _written(old))
        except NotFound:
            if service_is_gone(context, place):
                return None
            raise
        ids = {"projectId": place.project_id, "environmentId": place.environment_id}
        inputs: dict[str, Any] = {**ids, "name": instance.service_name, "adopt": old.inputs.get("adopt", False)}
        inputs |= _set_by_anybody(live) if importing else _managed(_written(old), live)
        return _state(place, inputs, revision=old.outputs.get("revision"))

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Write the name and all settings; null clears those the user took away, and no others."""
        place = identity.place_of(old.id)
        if inputs["name"] != old.inputs.get("name"):
            self._rename(context, place, inputs["name"])
        try:
            settings.write(context, place, settings.wanted(inputs, _written(old)), _written(old))
        except UserError as error:
            raise PartialFailure(_state(place, inputs), [f"Service {inputs['name']}: {error}"]) from error
        return _state(place, inputs)

    def delete(self, context: Context, old: State) -> None:
        """Delete the service, in a copied environment there alone, and wait until it is no longer listed."""
        place = identity.place_of(old.id)
        here = project_environments.read(context.api, place.project_id).get(place.environment_id)
        limit = None if here and here.primary else place.environment_id
        try:
            services.delete(context.api, place.service_id, limit)
        except NotFound:
            if service_is_gone(context, place):
                return
            raise
        self._await_gone(context, place, limit)

    def _await_gone(self, context: Context, place: Place, limit: str | None) -> None:
        listed: list[projects.Service] = []
        for _ in Clock(context).polls(_GONE_WITHIN):
            if limit and place.service_id not in project_environments.services(context.api, limit):
                return
            project = projects.read(context.api, place.project_id)
            listed = [service for service in project.services if service.id == place.service_id]
            if not listed:
                return
        if not listed[0].deleted:
            raise ResourceError(f"Railway agreed to delete service {place.service_id}, but still lists it. Run again.")

    def _existing(self, context: Context, inputs: Properties, project: Project) -> str | None:
        """The service of this name that is ours or may be adopted. Raises `ResourceError` for anybody else's.

        One that has no instance in this environment is another environment's own.
        """
        named = _named(project, inputs["name"])
        if named is None:
            return None
        name, place = named.name, Place(project.id, inputs["environmentId"], named.id)
        owner = await_owner(context, named.created_at, lambda: self._marker(context, place))
        if owner is None:
            return None
        if inputs.get("adopt") is True or (context.owner and owner == context.owner):
            context.log("info", f"Service {name} ({named.id}) is there already and is taken over.")
            return named.id
        raise ResourceError(
            f"Service {name} exists in project {project.name} with id {named.id} and was not made by this stack; "
            f"nothing was changed. Choose another name, or take it over: set adopt (adoptService in the stack file) to "
            f"true, or run `pulumi import {self.token} {name} {identity.of_place(place)}`."
        )

    def _new(self, context: Context, inputs: Properties) -> str:
        marker = {MARKER: context.owner} if context.owner else {}
        ids = inputs["projectId"], inputs["environmentId"]
        try:
            return services.create(context.api, *ids, inputs["name"], marker)
        except AmbiguousResult as error:
            context.log("warning", f"{error} Looking whether the service was made.")
            await_read(context, lambda: _named(open_project(context, *ids), inputs["name"]))
            if found := self._existing(context, inputs, open_project(context, *ids)):
                return found
            message = f"No service {inputs['name']} is there, so nothing was made: run again. ({error.message})"
            raise ResourceError(message) from error

    def _marker(self, context: Context, place: Place) -> str | None:
        """Who made the service, empty where it does not say; None where it has no instance in the environment."""
        try:
            return variables.read(context.api, place).get(MARKER) or ""
        except NotFound:
            return None

    def _rename(self, context: Context, place: Place, name: str) -> None:
        project = open_project(context, place.project_id, place.environment_id)
        taken = [each.id for each in project.services if each.name == name and each.id != place.service_id]
        if taken:
            raise ResourceError(
                f"Project {project.name} has a service named {name} already: {taken[0]}. Nothing was changed."
            )
        services.rename(context.api, place.service_id, name)


def _named(project: Project, name: str) -> projects.Service | None:
    """The service of the name. Raises `ResourceError` for several, which nothing tells apart."""
    found = [service for service in project.services if service.name == name and not service.deleted]
    if len(found) > 1:
        raise ResourceError(
            f"Project {project.name} has {len(found)} services named {name}: "
            f"{', '.join(service.id for service in found)}. Rename or delete all but one in Railway; nothing was "
            "changed."
        )
    return next(iter(found), None)


def _state(place: Place, inputs: Properties, *, revision: str | None = None) -> State:
    """`revision` is new for each write, so that whoever depends on it sees one."""
    outputs = {**inputs, "serviceId": place.service_id, "revision": revision or secrets.token_hex(8)}
    return State(identity.of_place(place), inputs, outputs)


def _written(state: State) -> Properties:
    """What is recorded, with what an update that failed may have written: that is among the outputs alone."""
    return {**state.outputs, **state.inputs}


def _set_by_anybody(live: Properties) -> dict[str, Any]:
    return {name: value for name, value in live.items() if not settings.is_default(name, value)}


def _managed(inputs: Properties, live: Properties) -> dict[str, Any]:
    """The managed settings as they are live: absent where cleared by hand, as recorded where they mean the same."""
    names = [name for name in settings.SETTINGS if name in inputs]
    kept = {name: inputs[name] if settings.same(name, inputs[name], live[name]) else live[name] for name in names}
    return {name: value for name, value in kept.items() if value is not None}
