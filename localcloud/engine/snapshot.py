"""The state during a run: what this run has settled, what remains of the last one, and what is under way."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from localcloud.engine.errors import EngineError, PluginGoneError
from localcloud.engine.state import Deployment, PendingOperation, ResourceState

Write = Callable[[Deployment], None]


class Snapshot:
    """Settled resources stand in completion order, then the untouched old ones in their old order.

    Every change is written before it returns; a preview passes no `write` and keeps all in memory. What the last run
    was interrupted in stays pending until its resource is settled, changed or removed.
    """

    def __init__(self, base: Deployment, write: Write | None) -> None:
        self._base = base
        self._write = write
        self._settled: list[ResourceState] = []
        self._remaining = list(base.resources)
        recorded = {state.urn for state in base.resources}
        self._pending = [each for each in base.pending if each.type == "creating" or each.resource.urn in recorded]
        self.follows_interruption = bool(self._pending)
        """Whether the last run was interrupted while a provider did something."""
        self._renamed: dict[str, str] = {}
        self._gone: set[str] = set()
        self._dirty = len(self._pending) != len(base.pending)
        self._lock = threading.RLock()

    def take(self, urns: Iterable[str]) -> ResourceState | None:
        """The old state under the first of `urns` that has one, replacements under way left out."""
        with self._lock:
            live = {state.urn: state for state in self._remaining if not state.delete}
        return next((live[urn] for urn in urns if urn in live), None)

    def find(self, urn: str, id_: str = "") -> ResourceState | None:
        """The state of `urn`, settled or old, with that id where one is given."""
        with self._lock:
            found = (state for state in [*self._settled, *self._remaining] if state.urn == urn)
            return next((state for state in found if not id_ or state.id == id_), None)

    def interrupted(self, urn: str) -> PendingOperation | None:
        """The change of this resource that the last run was interrupted in, so that nobody knows how it stands."""
        with self._lock:
            changes = (each for each in self._pending if each.type != "creating")
            return next((each for each in changes if each.resource.urn == urn), None)

    def begin(self, state: ResourceState, kind: str) -> PendingOperation:
        """Record that a provider is about to be called; `kind` is creating, updating, deleting or reading."""
        operation = PendingOperation(state, kind)
        with self._lock:
            self._pending.append(operation)
            self._save()
        return operation

    @contextmanager
    def calling(self, state: ResourceState, kind: str) -> Iterator[PendingOperation]:
        """A call of a provider, recorded as pending before it begins. Where it fails it is dropped, if not settled."""
        operation = self.begin(state, kind)
        try:
            yield operation
        except PluginGoneError:
            raise  # It may be done: it stays pending.
        except EngineError:
            self._abandon(operation)
            raise

    def _abandon(self, operation: PendingOperation) -> None:
        with self._lock:
            if operation in self._pending:
                self._drop_pending(operation)
                self._save()

    def settle(self, new: ResourceState, old: ResourceState | None, operation: PendingOperation | None = None) -> None:
        """`new` stands for this run, in place of `old`."""
        with self._lock:
            self._settle_pending(new.urn, old.urn if old else new.urn)
            self._settled.append(new)
            if old is not None:
                self._forget(old)
                if old.urn != new.urn:
                    self._renamed[old.urn] = new.urn
            if old is None or operation is not None or _differ(old, new):
                self._save()

    def remove(self, old: ResourceState, operation: PendingOperation | None = None) -> None:
        """`old` is gone. What refers to it, where a refresh found it gone, does so no more.

        The create of what was to replace it, where that was interrupted, stays pending.
        """
        with self._lock:
            self._drop_pending(operation)
            self._keep_pending(lambda each: each.resource.urn != old.urn or each.type == "creating")
            self._forget(old)
            self._gone.add(old.urn)
            self._save()

    def change(self, old: ResourceState, operation: PendingOperation | None = None, **fields: Any) -> ResourceState:
        """Change fields of a remaining or settled entry in place."""
        new = dataclasses.replace(old, **fields)
        with self._lock:
            self._drop_pending(operation)
            self._settle_pending(old.urn)
            for entries in (self._settled, self._remaining):
                entries[:] = [new if state is old else state for state in entries]
            if operation is not None or _differ(old, new):
                self._save()
        return new

    def supersede(self, old: ResourceState, new: ResourceState, operation: PendingOperation | None) -> None:
        """`new` was created beside `old`, which is to be deleted at the end of the run."""
        with self._lock:
            self._drop_pending(operation)
            self._settled.append(new)
            self.change(old, delete=True)

    def remaining(self) -> list[ResourceState]:
        """Old entries that this run has not settled."""
        with self._lock:
            return list(self._remaining)

    def settled(self) -> list[ResourceState]:
        """Entries that this run has settled."""
        with self._lock:
            return list(self._settled)

    def deployment(self) -> Deployment:
        """The whole state as it would be written now."""
        with self._lock:
            resources = (*self._settled, *(_referring(state, self._renamed) for state in self._remaining))
            gone = dict.fromkeys(self._gone - {state.urn for state in resources}, "")
            kept = tuple(_referring(state, gone) for state in resources)
            return dataclasses.replace(self._base, resources=kept, pending=tuple(self._pending))

    def interrupted_creates(self) -> list[PendingOperation]:
        """The creates that earlier runs were interrupted in and no run has settled."""
        with self._lock:
            return [each for each in self._pending if each.type == "creating"]

    def forget_creates(self, but: Collection[PendingOperation] = ()) -> None:
        """Drop the interrupted creates of earlier runs: they have no entry that could be looked at."""
        with self._lock:
            self._keep_pending(lambda each: each.type != "creating" or each in but)

    def finish(self) -> None:
        """Write what was not worth a write of its own."""
        with self._lock:
            if self._dirty:
                self._save()

    def _save(self) -> None:
        self._dirty = False
        if self._write is not None:
            self._write(self.deployment())

    def _forget(self, old: ResourceState) -> None:
        for entries in (self._settled, self._remaining):
            entries[:] = [state for state in entries if state is not old]

    def _drop_pending(self, operation: PendingOperation | None) -> None:
        self._keep_pending(lambda each: each is not operation)

    def _settle_pending(self, *urns: str) -> None:
        self._keep_pending(lambda each: each.resource.urn not in urns)

    def _keep_pending(self, wanted: Callable[[PendingOperation], bool]) -> None:
        kept = [each for each in self._pending if wanted(each)]
        self._dirty = self._dirty or len(kept) != len(self._pending)
        self._pending = kept


def _differ(old: ResourceState, new: ResourceState) -> bool:
    return vars(old) != vars(new)


def _referring(state: ResourceState, urns: Mapping[str, str]) -> ResourceState:
    """`state` with its references as `urns` has them now; one that is empty there is dropped, but for a provider."""
    if not urns.keys() & state.referenced():
        return state

    def now(references: Iterable[str]) -> tuple[str, ...]:
        return tuple(found for item in references if (found := urns.get(item, item)))

    urn, separator, id_ = state.provider.rpartition("::")
    return dataclasses.replace(
        state,
        parent=urns.get(state.parent, state.parent),
        deleted_with=urns.get(state.deleted_with, state.deleted_with),
        provider=f"{urns.get(urn) or urn}{separator}{id_}",
        dependencies=now(state.dependencies),
        property_dependencies={key: now(items) for key, items in state.property_dependencies.items()},
    )
