"""Bring one resource to what the program wants: find its old state, check, choose the step, carry it out, record it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from functools import partial

from localcloud.engine import choice, refresh, urn
from localcloud.engine.choice import Choice
from localcloud.engine.codec import Properties
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import Goal
from localcloud.engine.imports import import_state
from localcloud.engine.provider import InitFailedError, Provider
from localcloud.engine.providers import Crud, ProviderResources
from localcloud.engine.replacement import delete_before_replacement
from localcloud.engine.state import PendingOperation, ResourceState
from localcloud.engine.steps import Op, Step

Settle = Callable[[ResourceState, PendingOperation | None], object]


class Registrar:
    """Serves registrations from any thread; each returns once its resource is recorded."""

    def __init__(self, context: Context, providers: ProviderResources) -> None:
        self._context = context
        self._providers = providers
        self._snapshot = context.snapshot
        self._goals: dict[str, Goal] = {}
        self._lock = threading.Lock()

    def register(self, goal: Goal) -> ResourceState:
        """The state of the resource after its step. Raises `StoppedError` after a failure, which is then reported."""
        self._context.guard()
        with self._context.reported(goal.urn):
            goal = self.claim(goal)
            old = self._snapshot.take([goal.urn, *goal.aliases])
            if not goal.custom:
                return self._component(goal, old)
            crud, goal = self._crud(goal)
            return self._custom(goal, self._looked_at(old, crud), crud)

    def claim(self, goal: Goal) -> Goal:
        """Take the URN for this run, and from the parent what the goal leaves unset. Raises `EngineError`."""
        with self._lock:
            if goal.urn in self._goals:
                raise EngineError(f"Duplicate resource URN '{goal.urn}'; try giving it a unique name")
            if goal.parent and goal.parent not in self._goals:
                raise EngineError(f"could not find parent '{goal.parent}'")
            goal = choice.inherit(goal, self._goals.get(goal.parent))
            self._goals[goal.urn] = goal
        return goal

    def _looked_at(self, old: ResourceState | None, crud: Crud) -> ResourceState | None:
        """The old state; where the last run was interrupted in anything, as the resource is found now.

        A change may reach further than its own resource: a rollback brings back the variables of a service.
        """
        if old is None or old.pending_replacement or old.external or not self._snapshot.follows_interruption:
            return old
        return refresh.look(self._context, crud, old) if isinstance(crud, Provider) and crud.configured else old

    def _crud(self, goal: Goal) -> tuple[Crud, Goal]:
        if urn.is_provider(goal.type):
            return self._providers, goal
        reference = goal.provider or self._inherited_provider(goal)
        provider, reference = self._providers.resolve(
            goal.type, reference, goal.version, goal.plugin_download_url, self.register
        )
        return provider, dataclasses.replace(goal, provider=reference)

    def _inherited_provider(self, goal: Goal) -> str:
        parent = self._goals.get(goal.parent)
        return parent.providers.get(urn.package_of(goal.type), "") if parent else ""

    def _component(self, goal: Goal, old: ResourceState | None) -> ResourceState:
        op = choice.component(old, goal).op if old else Op.CREATE
        outputs = old.outputs if old and op is Op.SAME else {}
        new = goal.state("", goal.inputs, outputs, old)
        if old and op is Op.SAME:
            new = dataclasses.replace(new, modified=old.modified)
        with self._context.step(Step(op, goal.urn, old, new)):
            self._snapshot.settle(new, old)
        return new

    def _custom(self, goal: Goal, old: ResourceState | None, crud: Crud) -> ResourceState:
        if goal.import_id and (old is None or old.external or (old.import_id or old.id) != goal.import_id):
            return import_state(self._context, goal, old, crud, self._settle_imported)
        if old is None or old.pending_replacement:
            inputs = crud.check(goal.urn, {}, goal.inputs)
            if old is None:
                return self._create(goal, inputs, crud, Step(Op.CREATE, goal.urn), self._settle(None))
            return self._recreate(goal, old, inputs, crud, ())
        if old.external:
            return self._replace_beside(goal, old, crud, ())
        inputs = crud.check(goal.urn, old.inputs, choice.with_ignored(goal, old))
        return self._carry_out(goal, old, inputs, crud, self._choose(goal, old, inputs, crud))

    def _choose(self, goal: Goal, old: ResourceState, inputs: Properties, crud: Crud) -> Choice:
        if choice.trigger_changed(old, goal):
            return choice.replacement(goal, "replacementTrigger")
        if goal.deleted_with and goal.deleted_with in self._context.replaced:
            return choice.replacement(goal, "deletedWith")
        if self._provider_forces(goal, old):
            return choice.replacement(goal, "provider")
        return choice.custom(old, goal, inputs, crud.diff(goal.urn, old, inputs, goal.ignore_changes))

    def _provider_forces(self, goal: Goal, old: ResourceState) -> bool:
        """Whether moving to another provider replaces the resource; the new provider decides by its configuration."""
        (old_urn, old_id), (new_urn, new_id) = urn.split_reference(old.provider), urn.split_reference(goal.provider)
        if (old_urn, old_id) == (new_urn, new_id) or not old.provider or urn.is_provider(goal.type):
            return False
        before, after = self._snapshot.find(old_urn, old_id), self._snapshot.find(new_urn)
        if before is None or after is None:
            return before is None
        return bool(self._providers.diff(new_urn, before, after.inputs, ()).replaces)

    def _carry_out(
        self, goal: Goal, old: ResourceState, inputs: Properties, crud: Crud, chosen: Choice
    ) -> ResourceState:
        if chosen.op is Op.SAME:
            return self._same(goal, old, inputs)
        if chosen.op is Op.UPDATE:
            return self._update(goal, old, inputs, crud)
        if old.protect and goal.protect:
            raise EngineError(f"it must be replaced because of {', '.join(chosen.keys)}, but it is protected.")
        if chosen.delete_before_replace:
            pending = delete_before_replacement(self._context, self._providers, old, chosen.keys)
            return self._recreate(goal, pending, crud.check(goal.urn, {}, goal.inputs), crud, chosen.keys)
        return self._replace_beside(goal, old, crud, chosen.keys)

    def _same(self, goal: Goal, old: ResourceState, inputs: Properties) -> ResourceState:
        if urn.is_provider(goal.type):
            self._providers.activate(goal.urn, old.id, inputs)
        new = goal.unchanged(old, inputs)
        with self._context.step(Step(Op.SAME, goal.urn, old, new)):
            self._snapshot.settle(new, old)
        return new

    def _update(self, goal: Goal, old: ResourceState, inputs: Properties, crud: Crud) -> ResourceState:
        context = self._context
        expected = goal.state(old.id, inputs, {}, old)
        with (
            context.step(Step(Op.UPDATE, goal.urn, old, expected)) as result,
            self._snapshot.calling(expected, "updating") as operation,
        ):
            try:
                outputs = crud.update(
                    goal.urn,
                    old,
                    inputs,
                    goal.ignore_changes,
                    timeout=goal.timeout("update"),
                    preview=context.preview,
                )
            except InitFailedError as failure:
                new = goal.state(old.id, old.inputs, failure.outputs, old)
                self._snapshot.settle(dataclasses.replace(new, init_errors=failure.reasons), old, operation)
                raise
            new = goal.state(old.id, inputs, outputs, old)
            self._snapshot.settle(new, old, operation)
            result.step = Step(Op.UPDATE, goal.urn, old, new)
        return new

    def _replace_beside(self, goal: Goal, old: ResourceState, crud: Crud, keys: tuple[str, ...]) -> ResourceState:
        """Create the new one first; the old one is deleted at the end of the run."""
        inputs = crud.check(goal.urn, {}, goal.inputs)
        self._context.replaced.add(goal.urn)
        step = Step(Op.CREATE_REPLACEMENT, goal.urn, old, keys=keys)
        settle = partial(self._snapshot.supersede, old)
        return self._replaced(old, keys, self._create(goal, inputs, crud, step, settle))

    def _recreate(
        self, goal: Goal, old: ResourceState, inputs: Properties, crud: Crud, keys: tuple[str, ...]
    ) -> ResourceState:
        """The old one has been deleted already; its entry makes room for the new one."""
        self._context.replaced.add(goal.urn)
        step = Step(Op.CREATE_REPLACEMENT, goal.urn, old, keys=keys)
        return self._replaced(old, keys, self._create(goal, inputs, crud, step, self._settle(old)))

    def _replaced(self, old: ResourceState, keys: tuple[str, ...], new: ResourceState) -> ResourceState:
        with self._context.step(Step(Op.REPLACE, new.urn, old, new, keys)):
            return new

    def _settle(self, old: ResourceState | None) -> Settle:
        return lambda new, operation: self._snapshot.settle(new, old, operation)

    def _settle_imported(self, goal: Goal, found: ResourceState, crud: Crud) -> ResourceState:
        """What was imported is the old state from now on: bring it to what the program wants."""
        inputs = crud.check(goal.urn, found.inputs, choice.with_ignored(goal, found))
        chosen = self._choose(goal, found, inputs, crud)
        if chosen.op is Op.REPLACE:
            raise EngineError(f"importing it would replace it because of {', '.join(chosen.keys)}: correct the inputs.")
        return self._carry_out(goal, found, inputs, crud, chosen)

    def _create(self, goal: Goal, inputs: Properties, crud: Crud, step: Step, settle: Settle) -> ResourceState:
        context = self._context
        expected = goal.state("", inputs, {}, None)
        with (
            context.step(dataclasses.replace(step, new=expected)) as result,
            self._snapshot.calling(expected, "creating") as operation,
        ):
            try:
                id_, outputs = crud.create(goal.urn, inputs, goal.timeout("create"), preview=context.preview)
            except InitFailedError as failure:
                new = goal.state(failure.id, inputs, failure.outputs, None)
                settle(dataclasses.replace(new, init_errors=failure.reasons), operation)
                raise
            new = goal.state(id_, inputs, outputs, None)
            settle(new, operation)
            result.step = dataclasses.replace(step, new=new)
        return new
