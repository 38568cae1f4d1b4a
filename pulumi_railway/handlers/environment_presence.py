"""Which environment a name means, whose it is, and who may change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_railway.api import variables
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.service import MARKER

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


def check_free(inputs: Properties, there: Mapping[str, Environment]) -> None:
    """Raise `ResourceError` where an environment has the name."""
    if found := named(inputs, there):
        project_id = inputs["projectId"]
        raise ResourceError(
            f"Project {project_id} has an environment {found.name} ({found.id}) already; nothing was changed. Choose "
            f"another name, import it as {project_id}/{found.id}, or delete it if a run was killed as it made it."
        )


def ours(context: Context, inputs: Properties, there: Mapping[str, Environment]) -> Environment | None:
    """The environment of the name, made by a run that was cut off. Raises `ResourceError` for anybody else's."""
    found = named(inputs, there)
    if found is None:
        return None
    shared = variables.read_shared(context.api, inputs["projectId"], found.id)
    if not context.owner or shared.get(MARKER) != context.owner:
        check_free(inputs, there)
    if (inputs.get("sourceEnvironmentId"), inputs.get("ephemeral", False)) != (found.source_id, found.ephemeral):
        raise ResourceError(
            f"An interrupted run has left environment {found.name} ({found.id}), copied from "
            f"{found.source_id or 'none'}, ephemeral: {found.ephemeral}. Delete it in Railway, then run again; nothing "
            "was changed."
        )
    context.log("info", f"Environment {found.name} ({found.id}) is there already and is taken over.")
    return found


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
