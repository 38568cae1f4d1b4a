"""Delete recorded resources: dependants first, in layers that run in parallel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from localcloud.engine import refresh, urn
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError, StoppedError
from localcloud.engine.providers import ProviderResources
from localcloud.engine.state import PendingOperation, ResourceState
from localcloud.engine.steps import Op, Step

WORKERS: Final = 8


def destroy(context: Context, providers: ProviderResources) -> None:
    """Delete everything that is recorded. A create that was cut off is an error, as nobody knows what it has left.

    Its provider stays: what it has made may say by that one's id whose it is. What goes with another one is gone.
    """
    snapshot = context.snapshot
    cut_off = [each for each in snapshot.interrupted_creates() if _leaves_something(each.resource)]
    needed = {urn.split_reference(each.resource.provider)[0] for each in cut_off}
    delete_all(context, providers, snapshot.remaining(), needed)
    if context.stopped or context.preview:
        return
    snapshot.forget_creates(but=cut_off)
    for each in cut_off:
        package = urn.package_of(each.resource.type)
        context.fail(each.resource.urn, EngineError(CUT_OFF.format(package=package)))


CUT_OFF: Final = (
    "a run was interrupted while creating it, so {package} may hold it, and destroy deletes only what is recorded. Run "
    "up, which takes it over where its provider finds it, then destroy again. Or delete it by hand where it is there; "
    "then refresh forgets it, and destroy ends well."
)


def _leaves_something(state: ResourceState) -> bool:
    return not urn.is_provider(state.type) and not state.deleted_with


def delete_all(
    context: Context, providers: ProviderResources, doomed: Sequence[ResourceState], needed: Collection[str] = ()
) -> None:
    """Delete `doomed`. A protected one is an error and keeps what it refers to; the others are deleted all the same.

    Those whose URNs are `needed` stay too, and what they refer to.
    """
    for state in [state for state in doomed if state.pending_replacement]:
        context.snapshot.remove(state)
    doomed = [state for state in doomed if not state.pending_replacement]
    protected = [state for state in doomed if state.protect and not state.delete]
    kept = _with_references([*protected, *(state for state in doomed if state.urn in needed)], doomed)
    gone = {state.urn for state in doomed} - {state.urn for state in kept}
    with ThreadPoolExecutor(WORKERS) as pool:
        for layer in layers([state for state in doomed if state not in kept]):
            if context.stopped:
                break
            list(pool.map(lambda state: _delete_reported(context, providers, state, gone), layer))
    for state in protected:
        context.fail(state.urn, EngineError(PROTECTED))


PROTECTED: Final = (
    "it is protected and cannot be deleted: remove the option protect (and run up) if it shall really go."
)


def _with_references(roots: Sequence[ResourceState], among: Sequence[ResourceState]) -> list[ResourceState]:
    """`roots` and everything they refer to, directly or not."""
    kept = list(roots)
    for state in kept:
        referenced = state.referenced()
        kept.extend(other for other in among if other.urn in referenced and other not in kept)
    return kept


def layers(states: Sequence[ResourceState]) -> list[list[ResourceState]]:
    """`states` in the order of their deletion: nobody in a layer is referred to by a later one."""
    waiting = list(states)
    found: list[list[ResourceState]] = []
    while waiting:
        needed: set[str] = set().union(*(state.referenced() for state in waiting))
        layer = [state for state in waiting if state.urn not in needed]
        found.append(layer or waiting)
        waiting = [state for state in waiting if layer and state not in layer]
    return found


def _delete_reported(
    context: Context, providers: ProviderResources, state: ResourceState, gone: AbstractSet[str]
) -> None:
    try:
        with context.reported(state.urn):
            found = _looked_at(context, providers, state)
            if found is not None:
                op = Op.DELETE_REPLACED if state.delete else Op.DELETE
                delete(context, providers, found, op, gone)
    except StoppedError:
        return


def _looked_at(context: Context, providers: ProviderResources, state: ResourceState) -> ResourceState | None:
    """The entry; where the last run was interrupted in changing the resource, as it is found now, None where gone."""
    if not state.custom or urn.is_provider(state.type) or not context.snapshot.interrupted(state.urn):
        return state
    return refresh.look(context, providers.recorded(state.provider), state)


def delete(
    context: Context, providers: ProviderResources, state: ResourceState, op: Op, gone: AbstractSet[str]
) -> None:
    """Delete one resource and drop its entry. `gone` are the URNs deleted in this run, for `deleted_with`."""
    with context.step(Step(op, state.urn, old=state)):
        operation = call_provider(context, providers, state, gone)
        context.snapshot.remove(state, operation)


def call_provider(
    context: Context, providers: ProviderResources, state: ResourceState, gone: AbstractSet[str]
) -> PendingOperation | None:
    """Let the provider delete what is outside, where there is something; the caller settles the pending operation."""
    outside = state.custom and not state.external and not urn.is_provider(state.type)
    if context.preview or not outside or state.retain_on_delete or state.deleted_with in gone:
        return None
    with context.snapshot.calling(state, "deleting") as operation:
        provider = providers.recorded(state.provider)
        provider.delete(state, state.custom_timeouts.get("delete", 0.0))
    return operation
