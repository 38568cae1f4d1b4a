"""Read resources that the program refers to but does not manage (`get`): recorded as external, never deleted."""

from __future__ import annotations

import dataclasses
from typing import Any

from localcloud.engine import codec, urn
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import Goal, refuse_builtin
from localcloud.engine.providers import ProviderResources
from localcloud.engine.registration import Registrar
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op, Step


def read_resource(context: Context, providers: ProviderResources, registrar: Registrar, request: Any) -> ResourceState:
    """Serve a `ReadResourceRequest`. Raises `StoppedError` after a failure, which is then reported."""
    context.guard()
    name = urn.make(context.stack, context.project.name, request.parent, request.type, request.name)
    with context.reported(name):
        refuse_builtin(request.type)
        goal = registrar.claim(
            Goal(
                urn=name,
                type=request.type,
                custom=True,
                inputs=codec.decode(request.properties),
                parent=request.parent,
                dependencies=tuple(sorted(request.dependencies)),
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
            )
        )
        provider, reference = providers.resolve(
            request.type, request.provider, request.version, request.pluginDownloadURL, registrar.register
        )
        goal = dataclasses.replace(goal, provider=reference)
        old = context.snapshot.take([name])
        if request.id == codec.UNKNOWN_SENTINEL or not provider.configured:
            new = goal.state("", goal.inputs, {}, old)
        else:
            found = provider.read(name, request.id, goal.inputs, goal.inputs)
            if not found.id:
                raise EngineError(f"resource '{request.id}' does not exist")
            new = goal.state(found.id, goal.inputs, found.outputs, old)
        return _record(context, dataclasses.replace(new, external=True), old)


def _record(context: Context, new: ResourceState, old: ResourceState | None) -> ResourceState:
    if old is not None and old.external and old.outputs == new.outputs:
        new = dataclasses.replace(new, modified=old.modified)
    with context.step(Step(Op.READ, new.urn, old, new)):
        if old is not None and not old.external:
            context.snapshot.supersede(old, new, None)
        else:
            context.snapshot.settle(new, old)
    return new
