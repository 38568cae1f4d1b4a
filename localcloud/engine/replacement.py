"""Delete before replace: first the resources that cannot outlive the replaced one, deepest first, then itself."""

from __future__ import annotations

import threading
from typing import Final

from localcloud.engine import codec, deletes, urn
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.providers import ProviderResources
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op, Step

_ONE_AT_A_TIME: Final = threading.Lock()


def delete_before_replacement(
    context: Context, providers: ProviderResources, root: ResourceState, keys: tuple[str, ...]
) -> ResourceState:
    """Delete `root` and its dependants; their entries stay, marked, until each is created again. Returns root's."""
    with _ONE_AT_A_TIME:
        doomed = [root, *dependants(context, providers, root)]
        for state in doomed:
            if state.protect:
                raise EngineError(f"replacing {root.urn} would delete {state.urn}, which is protected.")
        gone = {state.urn for state in doomed}
        pending = root
        for state in reversed(doomed):
            with context.step(Step(Op.DELETE_REPLACED, state.urn, old=state, keys=keys if state is root else ())):
                operation = deletes.call_provider(context, providers, state, gone)
                pending = context.snapshot.change(state, operation, pending_replacement=True)
        return pending


def dependants(context: Context, providers: ProviderResources, root: ResourceState) -> list[ResourceState]:
    """Old resources that must be replaced with `root`, in the order of the state."""
    doomed = {root.urn}
    found = []
    for state in context.snapshot.remaining():
        skipped = state.delete or state.pending_replacement or not state.custom or state.external
        if not skipped and state.urn not in doomed and _depends(providers, state, doomed):
            doomed.add(state.urn)
            found.append(state)
    return found


def _depends(providers: ProviderResources, state: ResourceState, doomed: set[str]) -> bool:
    if urn.split_reference(state.provider)[0] in doomed or state.deleted_with in doomed:
        return True
    keys = {key for key, urns in state.property_dependencies.items() if doomed & set(urns)}
    if not keys or urn.is_provider(state.type):
        return False
    inputs = {key: codec.UNKNOWN if key in keys else value for key, value in state.inputs.items()}
    diff = providers.recorded(state.provider).diff(state.urn, state, inputs, ())
    return bool(diff.replaces) or any(kind.endswith("-replace") for kind in diff.detailed.values())
