"""Refresh: read every managed resource and record what is there; one that is gone is dropped."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError, StoppedError
from localcloud.engine.provider import Provider, ReadResult, keep_secrets
from localcloud.engine.providers import ProviderResources
from localcloud.engine.state import ResourceState, now
from localcloud.engine.steps import Op, Step

WORKERS: Final = 8
CUT_OFF: Final = "a run was interrupted while updating it, so up does that again"


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
        found = _read(provider, state, state.outputs)
        if not found.id:
            result.step = Step(Op.DELETE, state.urn, state)
            context.snapshot.remove(state)
            return None
        if codec.contains_unknown(found.outputs):
            raise EngineError(f"the provider {provider.package} answered with a value that is not known")
        interrupted = context.snapshot.interrupted(state.urn)
        if interrupted and interrupted.type == "updating":
            found = _cut_off(provider, state, found, interrupted.resource.inputs)
        elif CUT_OFF in state.init_errors:
            found = _to_be_done_again(found)
        for reason in found.init_errors:
            context.warn(reason, state.urn)
        new = _refreshed(state, found)
        recorded = context.snapshot.change(state, **_changes(state, new))
        result.step = Step(Op.REFRESH, state.urn, state, new)
    return recorded


def _cut_off(provider: Provider, state: ResourceState, found: ReadResult, wanted: Properties) -> ReadResult:
    """What is there, as an update that failed leaves it: what it may have written shows, and it is done again.

    The provider looks for that where it stands among the outputs, as after a failure. Those on record stay: nobody
    knows what the update came to.
    """
    written = _read(provider, state, {**state.outputs, **wanted})
    inputs = found.inputs if written.inputs is None else keep_secrets(written.inputs, wanted)
    return _to_be_done_again(dataclasses.replace(found, inputs=inputs))


def _to_be_done_again(found: ReadResult) -> ReadResult:
    """With the mark that only the update itself takes away, however often it is looked at before."""
    return dataclasses.replace(found, init_errors=(*found.init_errors, CUT_OFF))


def _read(provider: Provider, state: ResourceState, outputs: Properties) -> ReadResult:
    return provider.read(state.urn, state.id, state.inputs, outputs, state.custom_timeouts.get("read", 0.0))


def _refreshed(state: ResourceState, found: ReadResult) -> ResourceState:
    hidden = set(state.additional_secret_outputs)
    outputs = {key: codec.secret(value) if key in hidden else value for key, value in found.outputs.items()}
    inputs = state.inputs if found.inputs is None else found.inputs
    return dataclasses.replace(state, id=found.id, inputs=inputs, outputs=outputs, init_errors=found.init_errors)


def _changes(old: ResourceState, new: ResourceState) -> dict[str, Any]:
    fields = ("id", "inputs", "outputs", "init_errors")
    changes = {name: getattr(new, name) for name in fields if getattr(new, name) != getattr(old, name)}
    return {**changes, "modified": now()} if changes else {}
