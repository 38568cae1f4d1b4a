"""The four operations on a stack: preview, update, refresh, destroy. Each is one phase with its own context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from localcloud.engine import codec, deletes, program, urn
from localcloud.engine.codec import Properties
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError, StoppedError
from localcloud.engine.monitor import Monitor
from localcloud.engine.plugins import Plugins
from localcloud.engine.project import Project, StackConfig
from localcloud.engine.providers import ProviderResources
from localcloud.engine.refresh import refresh_all
from localcloud.engine.registration import Registrar
from localcloud.engine.snapshot import Snapshot
from localcloud.engine.state import Deployment
from localcloud.engine.steps import Listener, Message, Severity
from localcloud.engine.store import Store

INTERRUPTED: Final = "interrupted: nothing new is started, and the state is kept. Ctrl-C again gives up at once"


@dataclass(frozen=True)
class Outcome:
    """How a phase ended: whether all went well, and the stack's outputs as they are or would be."""

    ok: bool
    outputs: Properties


class Operations:
    """Runs phases over one stack."""

    def __init__(self, project: Project, stack: str, config: StackConfig, store: Store, plugins: Plugins) -> None:
        self._project = project
        self._stack = stack
        self._config = config
        self._store = store
        self._plugins = plugins
        self._current: Context | None = None
        self.interrupted = False

    def interrupt(self) -> None:
        """Start nothing new in this phase, and say what is in flight. Later phases see `interrupted`."""
        if self._current is not None:
            self._current.stop()
            waiting = [f"{step.op} of {urn.name_of(step.urn)}" for step in self._current.in_flight()]
            self._current.warn(f"{INTERRUPTED}. In flight: {', '.join(waiting) or 'nothing'}.")

    def update(self, listener: Listener, *, preview: bool) -> Outcome:
        """Run the program and bring the stack to what it says; in a preview only tell what would happen."""
        return self._phase(listener, self._update, preview=preview)

    def destroy(self, listener: Listener, *, preview: bool) -> Outcome:
        """Delete everything the state records. The program does not run."""
        return self._phase(listener, deletes.destroy, preview=preview)

    def refresh(self, listener: Listener, *, preview: bool) -> Outcome:
        """Read every recorded resource and record what is there. The program does not run."""
        return self._phase(listener, refresh_all, preview=preview)

    def _phase(
        self, listener: Listener, work: Callable[[Context, ProviderResources], None], *, preview: bool
    ) -> Outcome:
        base = self._store.read(self._stack)
        _warn_of_interruption(base, listener)
        snapshot = Snapshot(base, None if preview else self._store.write)
        context = Context(self._project, self._stack, self._config, preview, snapshot, listener)
        self._current = context
        if self.interrupted:
            context.stop()
        self._plugins.next_phase()
        try:
            work(context, ProviderResources(context, self._plugins))
        except StoppedError:
            pass
        except EngineError as error:
            context.fail("", error)
        finally:
            snapshot.finish()
        return Outcome(not context.stopped, stack_outputs(snapshot.deployment()))

    def _update(self, context: Context, providers: ProviderResources) -> None:
        monitor = Monitor(context, providers, Registrar(context, providers))
        try:
            program.run(context, monitor)
        except EngineError as error:
            context.fail("", error)
        _record_outputs(context, monitor.stack_outputs)
        context.guard()
        deletes.delete_all(context, providers, context.snapshot.remaining())


def _record_outputs(context: Context, outputs: Properties | None) -> None:
    """Write the exports; after a failed run the old ones stay below those that are known."""
    roots = [state for state in context.snapshot.settled() if state.type == urn.ROOT_TYPE]
    if not roots or outputs is None:
        return
    if context.stopped:
        known = {key: value for key, value in outputs.items() if not codec.contains_unknown(value)}
        outputs = {**roots[0].outputs, **known}
    context.snapshot.change(roots[0], outputs=outputs)


def stack_outputs(deployment: Deployment) -> Properties:
    """The outputs of the root stack."""
    roots = [state for state in deployment.resources if state.type == urn.ROOT_TYPE and not state.delete]
    return roots[0].outputs if roots else {}


def _warn_of_interruption(base: Deployment, listener: Listener) -> None:
    for operation in base.pending:
        text = f"the last run was interrupted while {operation.type} it"
        if operation.type == "creating":
            text += ", so it may exist; the next up creates it unless its provider finds it, refresh forgets it"
        else:
            text += "; it is looked at before anything else is done to it"
        listener.message(Message(Severity.WARNING, text, operation.resource.urn))
