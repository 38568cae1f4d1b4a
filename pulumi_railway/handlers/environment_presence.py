"""Which environment a name means, whose it is, and who may change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_railway.api import variables
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.service import MARKER
from pulumi_railway.handlers.waiting import await_owner

if TYPE_CHECKING:
    from pulumi_railway.api.project_environments import Environment
    from pulumi_railway.handlers.base import Context, Properties


def require_account(context: Context) -> None:
    """Raise `ResourceError` for a token that reaches one environment alone."""
    if context.api.kind == "project":
        raise ResourceError(
            "An Environment is made, renamed and deleted with an account or workspace token, and RAILWAY_TOKEN is a "
            "project token, good for one environment alone. Set RAILWAY_API_TOKEN instead; nothing was changed."
        )


def check_source(inputs: Properties, there: Mapping[str, Environment]) -> None:
    """Raise `ResourceError` where the environment to copy is not in the project."""
    source_id = inputs.get("sourceEnvironmentId")
    if source_id is not None and source_id not in there:
        listed = ", ".join(f"{each.name} {each.id}" for each in there.values()) or "none"
        raise ResourceError(
            f"Environment {source_id} is not in project {inputs['projectId']}; it has: {listed}. Correct "
            "sourceEnvironmentId; nothing was changed."
        )


def check_free(context: Context, inputs: Properties, there: Mapping[str, Environment]) -> None:
    """Raise `ResourceError` where an environment has the name."""
    if found := named(inputs, there):
        identity, resource = f"{inputs['projectId']}/{found.id}", context.urn.split("::")[-1]
        raise ResourceError(
            f"Project {inputs['projectId']} has an environment {found.name} ({found.id}) already, made at "
            f"{found.created_at:%Y-%m-%d %H:%M:%S} UTC, and it does not say that it is this stack's; nothing was "
            f"changed. Choose another name, or import it as {identity}: `pulumi import railway:index:Environment "
            f"{resource} {identity}`. If a run of this stack was killed as it made it, it can also be deleted: "
            f"`railway environment delete {found.name}`; then run again."
        )


def ours(context: Context, inputs: Properties, there: Mapping[str, Environment]) -> Environment | None:
    """The environment of the name, made by a run that was cut off. Raises `ResourceError` for anybody else's."""
    found = named(inputs, there)
    if found is None:
        return None
    if not await_owner(context, found.created_at, lambda: _our_mark(context, inputs["projectId"], found)):
        check_free(context, inputs, there)
    if (inputs.get("sourceEnvironmentId"), inputs.get("ephemeral", False)) != (found.source_id, found.ephemeral):
        raise ResourceError(
            f"An interrupted run has left environment {found.name} ({found.id}), copied from "
            f"{found.source_id or 'none'}, ephemeral: {found.ephemeral}. Delete it in Railway, then run again; nothing "
            "was changed."
        )
    context.log("info", f"Environment {found.name} ({found.id}) is there already and is taken over.")
    return found


def _our_mark(context: Context, project_id: str, found: Environment) -> str | None:
    """The owner it says it has, where that is ours; a copy may say for a moment that of its source."""
    owner = variables.read_shared(context.api, project_id, found.id).get(MARKER)
    return owner if owner == context.owner else None


def mark(context: Context, project_id: str, made: Environment) -> None:
    """Let it say whose it is, so that a run that is cut off from here on leaves one that the next run knows."""
    if context.owner:
        variables.upsert_shared(context.api, project_id, made.id, {MARKER: context.owner})


def named(inputs: Properties, there: Mapping[str, Environment]) -> Environment | None:
    """The environment of the name. Raises `ResourceError` for several, which nothing tells apart."""
    found = [each for each in there.values() if each.name == inputs["name"]]
    if len(found) > 1:
        raise ResourceError(
            f"Project {inputs['projectId']} has {len(found)} environments named {inputs['name']}: "
            f"{', '.join(each.id for each in found)}. Rename or delete all but one in Railway, then run again."
        )
    return next(iter(found), None)
