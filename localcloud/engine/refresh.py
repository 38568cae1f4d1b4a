"""Refresh: read every managed resource and record what is there; one that is gone is dropped."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from localcloud.engine import codec, urn
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError, StoppedError
from localcloud.engine.provider import Provider, ReadResult
from localcloud.engine.providers import ProviderResources
from localcloud.engine.state import ResourceState, now
from localcloud.engine.steps import Op, Step

WORKERS: Final = 8


def refresh_all(context: Context, providers: ProviderResources) -> None:
    """Read everything that has a provider, in parallel. Creates that were interrupted before are forgotten."""
    context.snapshot.forget_creates()
    states = [state for state in context.snapshot.remaining() if _is_read(state)]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda state: _refresh_reported(context, providers, state), states))


def _is_read(state: ResourceState) -> bool:
    return state.custom and not urn.is_provider(state.type) and not state.pending_replacement


def _refresh_reported(context: Context, providers: ProviderResources, state: ResourceState) -> None:
    try:
        with context.reported(state.urn):
            look(context, providers.recorded(state.provider), state)
    except StoppedError:
        return


def look(context: Context, provider: Provider, state: ResourceState) -> ResourceState | None:
    """Read one resource and record what is there; None where it is gone, and then dropped."""
    with context.step(Step(Op.REFRESH, state.urn, state)) as result:
        found = provider.read(state.urn, state.id, state.inputs, state.outputs, state.custom_timeouts.get("read", 0.0))
        if not found.id:
            result.step = Step(Op.DELETE, state.urn, state)
            context.snapshot.remove(state)
            return None
        if codec.contains_unknown(found.outputs):
            raise EngineError(f"the provider {provider.package} answered with a value that is not known")
        for reason in found.init_errors:
            context.warn(reason, state.urn)
        new = _refreshed(state, found)
        recorded = context.snapshot.change(state, **_changes(state, new))
        result.step = Step(Op.REFRESH, state.urn, state, new)
    return recorded


def _refreshed(state: ResourceState, found: ReadResult) -> ResourceState:
    hidden = set(state.additional_secret_outputs)
    outputs = {key: codec.secret(value) if key in hidden else value for key, value in found.outputs.items()}
    inputs = state.inputs if found.inputs is None else found.inputs
    return dataclasses.replace(state, id=found.id, inputs=inputs, outputs=outputs, init_errors=found.init_errors)


def _changes(old: ResourceState, new: ResourceState) -> dict[str, Any]:
    fields = ("id", "inputs", "outputs", "init_errors")
    changes = {name: getattr(new, name) for name in fields if getattr(new, name) != getattr(old, name)}
    return {**changes, "modified": now()} if changes else {}
