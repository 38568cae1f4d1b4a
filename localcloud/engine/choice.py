"""Which step brings a recorded resource to what the program wants. No provider is called here."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from localcloud.engine import codec, paths
from localcloud.engine.codec import Properties
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import Goal
from localcloud.engine.provider import Diff
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op

INIT_ERROR_PATH = "#initerror"


@dataclass(frozen=True)
class Choice:
    """`op` is same, update or replace; `keys` are the inputs that force a replacement."""

    op: Op
    keys: tuple[str, ...] = ()
    delete_before_replace: bool = False


SAME = Choice(Op.SAME)
UPDATE = Choice(Op.UPDATE)


def component(old: ResourceState, goal: Goal) -> Choice:
    """A component has no provider: changed inputs are an update."""
    return SAME if codec.unwrap(old.inputs) == codec.unwrap(goal.inputs) else UPDATE


def custom(old: ResourceState, goal: Goal, inputs: Properties, diff: Diff) -> Choice:
    """The step for a resource whose provider answered `diff` to the checked `inputs`."""
    changed = diff.changed
    if changed is None:
        changed = codec.unwrap(old.inputs) != codec.unwrap(inputs)
    keys = _forced(old, goal, inputs, diff) if changed else ()
    if old.init_errors and INIT_ERROR_PATH in goal.replace_on_changes:
        keys = (*keys, INIT_ERROR_PATH)
    if keys:
        before = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        return Choice(Op.REPLACE, keys, before)
    return UPDATE if changed or old.init_errors else SAME


def replacement(goal: Goal, key: str) -> Choice:
    """A replacement that the engine itself asks for, because of `key`."""
    return Choice(Op.REPLACE, (key,), bool(goal.delete_before_replace))


def trigger_changed(old: ResourceState, goal: Goal) -> bool:
    """Whether the option replacement_trigger differs from the recorded one; without one nothing is triggered."""
    if goal.replacement_trigger is None:
        return False
    if codec.contains_unknown(goal.replacement_trigger):
        return True
    return codec.unwrap(old.replacement_trigger) != codec.unwrap(goal.replacement_trigger)


def _forced(old: ResourceState, goal: Goal, inputs: Properties, diff: Diff) -> tuple[str, ...]:
    """The inputs that force a replacement: named by the provider, or by the option replace_on_changes."""
    forced = list(diff.replaces)
    forced += [path for path, kind in diff.detailed.items() if kind.endswith("-replace")]
    if goal.replace_on_changes:
        changed = list(diff.detailed) or list(paths.differences(old.inputs, inputs))
        forced += [path for path in changed if paths.below(path, goal.replace_on_changes)]
    return tuple(dict.fromkeys(forced))


def with_ignored(goal: Goal, old: ResourceState | None) -> Properties:
    """The program's inputs, with the recorded values where the option ignore_changes says so."""
    if old is None:
        return goal.inputs
    try:
        return paths.reset(goal.inputs, old.inputs, goal.ignore_changes)
    except EngineError as error:
        raise EngineError(f"ignore_changes: {error}") from error


def inherit(goal: Goal, parent: Goal | None) -> Goal:
    """`goal` with what it leaves unset taken from its parent."""
    if parent is None:
        return goal
    return dataclasses.replace(
        goal,
        protect=parent.protect if goal.protect is None else goal.protect,
        retain_on_delete=parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete,
        deleted_with=goal.deleted_with or parent.deleted_with,
    )
