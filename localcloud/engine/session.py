"""One command: start the plugins, import the engine while they start, run the phases, stop everything again."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.engine.engine_service import EngineService, reserve_port
from localcloud.engine.errors import EngineError
from localcloud.engine.launch import Launcher, installed_packages
from localcloud.engine.project import Project, StackConfig
from localcloud.engine.store import Store

if TYPE_CHECKING:
    from localcloud.engine.display import Display
    from localcloud.engine.operations import Operations, Outcome

TITLES: Final = {
    "preview": ("Previewing update", ""),
    "up": ("Previewing update", "Updating"),
    "destroy": ("Previewing destroy", "Destroying"),
    "refresh": ("Previewing refresh", "Refreshing"),
}


@dataclass(frozen=True)
class Command:
    """What was asked for."""

    name: str
    as_json: bool
    expect_no_changes: bool
    skip_preview: bool


class Session:
    """Runs commands on one stack."""

    def __init__(self, project: Project, stack: str, config: StackConfig, store: Store) -> None:
        self._project = project
        self._stack = stack
        self._config = config
        self._store = store

    def run(self, command: Command, left_behind: str) -> int:
        """Run one command; returns 0. `left_behind` names a run that died before. Raises `EngineError` on failure."""
        with ExitStack() as resources:
            reserved, port = reserve_port()
            resources.callback(reserved.close)
            address = f"127.0.0.1:{port}"
            launcher = Launcher(self._project.plugins, self._project.directory, address, self._plugin_settings())
            resources.callback(launcher.stop)
            launcher.start_ahead(self._likely_packages(command.name), self._config)

            from localcloud.engine.display import Display  # noqa: PLC0415 - imported while the plugins start
            from localcloud.engine.operations import Operations  # noqa: PLC0415
            from localcloud.engine.plugins import Plugins  # noqa: PLC0415

            display = resources.enter_context(closing(Display(as_json=command.as_json, stream=sys.stdout)))
            resources.callback(EngineService(port, display).stop)
            plugins = Plugins(launcher, self._config, address, self._project.directory)
            resources.callback(plugins.stop)
            operations = Operations(self._project, self._stack, self._config, self._store, plugins)
            with _interruptible(operations, plugins.cancel, launcher.kill):
                self._phases(command, operations, display, left_behind)
        return 0

    def _phases(self, command: Command, operations: Operations, display: Display, left_behind: str) -> None:
        """Preview, then, unless only that was asked for, the real thing."""
        work = {"destroy": operations.destroy, "refresh": operations.refresh}.get(command.name, operations.update)
        previews = [True] if command.name == "preview" else [False] if command.skip_preview else [True, False]
        for preview in previews:
            title = TITLES[command.name][0 if preview else 1]
            phase = display.phase(title, self._stack, preview=preview)
            if left_behind:
                phase.warn(f"the last run ended without giving its lock back: {left_behind}")
                left_behind = ""
            outcome = work(phase, preview=preview)
            display.summary(outcome, final=preview is previews[-1] or not outcome.ok)
            _require_ok(command, outcome, operations)
        _require_no_changes(command, display)

    def _likely_packages(self, command: str) -> set[str]:
        """The packages this run will need: those of the state, or for a first run those that are installed."""
        recorded = self._store.packages()
        if recorded or command not in {"preview", "up"}:
            return recorded
        return {*self._project.plugins, *installed_packages()}

    def _plugin_settings(self) -> dict[str, str]:
        """What the CLI tells plugins; they share the interpreter that runs the program."""
        options = self._project.runtime_options
        settings = {f"PULUMI_RUNTIME_{key.upper()}": value for key, value in options.items()}
        if (Path(sys.prefix) / "bin" / "python").exists():
            settings["PULUMI_RUNTIME_VIRTUALENV"] = sys.prefix
        return {**settings, "PULUMI_PROJECT": self._project.name}


def _require_ok(command: Command, outcome: Outcome, operations: Operations) -> None:
    if operations.interrupted:
        raise EngineError(f"{command.name} was interrupted. The state is kept: run it again to go on.")
    if not outcome.ok:
        raise EngineError(f"{command.name} failed; see above." if not command.as_json else f"{command.name} failed.")


def _require_no_changes(command: Command, display: Display) -> None:
    changes = display.changes()
    if command.expect_no_changes and changes:
        what = "proposed" if command.name == "preview" else "made"
        listed = "".join(f"\n  {step.op} {step.urn}" for step in changes)
        raise EngineError(f"no changes were expected, but {len(changes)} were {what}:{listed}")


@contextmanager
def _interruptible(operations: Operations, cancel: Callable[[], None], kill: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C lets what is in flight end and starts nothing new; the second one kills the plugins.

    The plugins may be closed afterwards: nobody talks to them any more.
    """
    ending: list[threading.Thread] = []

    def end_gently() -> None:
        operations.interrupt()
        cancel()

    def interrupt(_signal: int, _frame: object) -> None:
        if operations.interrupted:
            kill()
            raise KeyboardInterrupt
        operations.interrupted = True
        # Not in the handler itself: it may have interrupted somebody who holds a lock.
        ending.append(threading.Thread(target=end_gently, daemon=True))
        ending[0].start()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for thread in ending:
            thread.join()
