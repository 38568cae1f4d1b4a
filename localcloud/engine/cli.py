"""The command line: `preview|up|refresh|destroy|export --stack NAME --state FILE`, run in the program's directory.

Exit codes: 0 done, 1 failed or, with `--expect-no-changes`, something changed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.engine import environment
from localcloud.engine.engine_service import EngineService, reserve_port
from localcloud.engine.errors import EngineError
from localcloud.engine.launch import Launcher, installed_packages
from localcloud.engine.lock import Lock
from localcloud.engine.project import Project, StackConfig, load_project, load_stack
from localcloud.engine.store import Store

if TYPE_CHECKING:
    from localcloud.engine.display import Display
    from localcloud.engine.operations import Operations

OK: Final = 0
FAILED: Final = 1


COMMANDS: Final = {
    "preview": "Tell what `up` would do; change nothing.",
    "up": "Bring the stack to what the program says.",
    "refresh": "Read every resource and record what is there.",
    "destroy": "Delete everything the stack holds.",
    "export": "Print the state as `pulumi stack import` takes it.",
    "cancel": "Take away the lock of a run that is no longer alive.",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.engine", description="The embedded Pulumi engine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--stack", required=True, help="name of the stack; its settings are Pulumi.<stack>.yaml")
        command.add_argument("--state", required=True, type=Path, help="state file; a missing one is an empty stack")
        if name in {"export", "cancel"}:
            continue
        command.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        command.add_argument("--expect-no-changes", action="store_true", help="fail where anything changes")
        if name != "preview":
            command.add_argument("--skip-preview", action="store_true", help="do not preview first")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    options = parse(arguments)
    try:
        if options.command == "cancel":
            sys.stdout.write(Lock(options.state).take_away() + "\n")
            return OK
        if options.command == "export":
            return _export(options)
        return _run(options)
    except EngineError as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED


def _export(options: argparse.Namespace) -> int:
    store = Store(options.state, environment.passphrase())
    document = store.document(store.read(options.stack))
    sys.stdout.write(json.dumps(document, indent=4) + "\n")
    return OK


def _run(options: argparse.Namespace) -> int:
    project = load_project(Path.cwd())
    config = load_stack(project, options.stack, environment.passphrase())
    store = Store(options.state.resolve(), environment.passphrase(), config.salt)
    if options.command == "preview":
        return _with_plugins(options, project, config, store)
    with Lock(options.state).held(options.command):
        return _with_plugins(options, project, config, store)


def _with_plugins(options: argparse.Namespace, project: Project, config: StackConfig, store: Store) -> int:
    reserved, port = reserve_port()
    address = f"127.0.0.1:{port}"
    launcher = Launcher(project.plugins, project.directory, address, _plugin_settings(project))
    try:
        launcher.start_ahead(store.packages() or _likely(project, options), config)
        from localcloud.engine.display import Display  # noqa: PLC0415 - imported while the plugins start
        from localcloud.engine.operations import Operations  # noqa: PLC0415
        from localcloud.engine.plugins import Plugins  # noqa: PLC0415

        display = Display(as_json=options.json)
        service = EngineService(port, display)
        plugins = Plugins(launcher, config, address, project.directory)
        operations = Operations(project, options.stack, config, store, plugins)
        with _interruptible(operations, plugins.cancel):
            try:
                return _phases(options, operations, display)
            finally:
                plugins.stop()
                service.stop()
    finally:
        launcher.stop()
        reserved.close()


def _likely(project: Project, options: argparse.Namespace) -> set[str]:
    """The packages a first run will need; only commands that run the program have a first run."""
    return {*project.plugins, *installed_packages()} if options.command in {"preview", "up"} else set()


def _plugin_settings(project: Project) -> dict[str, str]:
    """What the CLI tells plugins; they share the interpreter that runs the program."""
    settings = {f"PULUMI_RUNTIME_{key.upper()}": value for key, value in project.runtime_options.items()}
    if sys.prefix != sys.base_prefix:
        settings["PULUMI_RUNTIME_VIRTUALENV"] = sys.prefix
    return {**settings, "PULUMI_PROJECT": project.name}


def _phases(options: argparse.Namespace, operations: Operations, display: Display) -> int:
    """Preview, then, unless only that was asked for, the real thing."""
    work = {"destroy": operations.destroy, "refresh": operations.refresh}.get(options.command, operations.update)
    preview_only = options.command == "preview"
    if preview_only or not options.skip_preview:
        outcome = work(display.phase(TITLES[options.command][0], options.stack, preview=True), preview=True)
        display.summary(outcome, final=preview_only or not outcome.ok)
        if preview_only or not outcome.ok:
            return _code(options, outcome.ok, display)
    outcome = work(display.phase(TITLES[options.command][1], options.stack, preview=False), preview=False)
    display.summary(outcome, final=True)
    return _code(options, outcome.ok, display)


def _code(options: argparse.Namespace, ok: bool, display: Display) -> int:  # noqa: FBT001 - the outcome as it is
    if not ok:
        return FAILED
    changes = display.changes()
    if options.expect_no_changes and changes:
        what = "proposed" if options.command == "preview" else "made"
        listed = "".join(f"\n  {step.op} {step.urn}" for step in changes)
        raise EngineError(f"no changes were expected, but {len(changes)} were {what}:{listed}")
    return OK


TITLES: Final = {
    "preview": ("Previewing update", ""),
    "up": ("Previewing update", "Updating"),
    "destroy": ("Previewing destroy", "Destroying"),
    "refresh": ("Previewing refresh", "Refreshing"),
}


@contextmanager
def _interruptible(operations: Operations, cancel: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C lets what is in flight end and starts nothing new; the second one gives up at once."""

    def interrupt(_signal: int, _frame: object) -> None:
        if operations.interrupted:
            raise KeyboardInterrupt
        operations.interrupt()
        threading.Thread(target=cancel, daemon=True).start()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
