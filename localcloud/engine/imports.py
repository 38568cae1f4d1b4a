"""The option `import_`: read a resource that exists, and treat what was read as its old state."""

from __future__ import annotations

from collections.abc import Callable

from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import Goal
from localcloud.engine.provider import Provider
from localcloud.engine.providers import Crud
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Op, Step

Settle = Callable[[Goal, ResourceState, Crud], ResourceState]


def import_state(context: Context, goal: Goal, old: ResourceState | None, crud: Crud, settle: Settle) -> ResourceState:
    """Read the resource with the id `goal.import_id`, then let `settle` bring it to what the program wants."""
    if not isinstance(crud, Provider):
        raise EngineError("a provider cannot be imported.")
    if old is not None and not old.external:
        raise EngineError(
            f"it is recorded with the id {old.id}, so {goal.import_id} cannot be imported under its name."
        )
    found = crud.read(goal.urn, goal.import_id, {}, {}, goal.timeout("read"))
    if not found.id:
        raise EngineError(f"resource '{goal.import_id}' does not exist")
    if found.inputs is None:
        raise EngineError(f"the provider {crud.package} does not support importing resources of this type")
    state = goal.state(found.id, found.inputs, found.outputs, None)
    with context.step(Step(Op.IMPORT, goal.urn, old, state)):
        context.snapshot.settle(state, old)
    return settle(goal, state, crud)
