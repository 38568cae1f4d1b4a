"""Run in the program's directory: `preview|up|refresh|destroy|export|cancel --stack NAME --state FILE`.

Exit codes: 0 done; 1 failed, interrupted or, with `--expect-no-changes`, something changed; 130 given up by a second
Ctrl-C.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from localcloud.engine import environment
from localcloud.engine.errors import EngineError
from localcloud.engine.lock import Lock
from localcloud.engine.project import load_project, load_stack
from localcloud.engine.session import Command, Session
from localcloud.engine.store import Store

OK: Final = 0
FAILED: Final = 1
GIVEN_UP: Final = 130
OpenStore: TypeAlias = Callable[[Path, str | None, str], Store]

COMMANDS: Final = {
    "preview": "Tell what `up` would do; change nothing.",
    "up": "Bring the stack to what the program says.",
    "refresh": "Read every resource and record what is there.",
    "destroy": "Delete everything the stack holds.",
    "export": "Print the state as `pulumi stack import` takes it.",
    "cancel": "Take away the lock that a dead run left; by --force also that of a live one, which then stops.",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command."""
    return _parser().parse_args(arguments)


@functools.cache
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localcloud.engine", description="The embedded Pulumi engine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--stack", required=True, help="name of the stack; its settings are Pulumi.<stack>.yaml")
        command.add_argument("--state", required=True, type=Path, help="state file; a missing one is an empty stack")
        if name == "cancel":
            command.add_argument("--force", action="store_true", help="take it away from a live run too")
        if name in {"export", "cancel"}:
            continue
        command.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        command.add_argument("--expect-no-changes", action="store_true", help="fail where anything changes")
        if name != "preview":
            command.add_argument("--skip-preview", action="store_true", help="do not preview first")
    return parser


def main(arguments: Sequence[str], open_store: OpenStore = Store) -> int:
    """Run one command; returns its exit code. `open_store` gets the state file, the passphrase and the salt."""
    options = parse(arguments)
    try:
        if options.command == "cancel":
            sys.stdout.write(Lock(options.state).take_away(force=options.force) + "\n")
            return OK
        if options.command == "export":
            return _export(options)
        return _run(options, open_store)
    except EngineError as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write(f"error: {options.command} was given up; what was in flight may exist or not\n")
        return GIVEN_UP


def _export(options: argparse.Namespace) -> int:
    store = Store(options.state, environment.passphrase())
    document = store.document(store.read(options.stack))
    sys.stdout.write(json.dumps(document, indent=4) + "\n")
    return OK


def _run(options: argparse.Namespace, open_store: OpenStore) -> int:
    project = load_project(Path.cwd())
    passphrase = environment.passphrase()
    config = load_stack(project, options.stack, passphrase)
    store = open_store(options.state.resolve(), passphrase, config.salt)
    session = Session(project, options.stack, config, store)
    command = Command(options.command, options.json, options.expect_no_changes, getattr(options, "skip_preview", True))
    if options.command == "preview":
        return session.run(command, "")
    lock = Lock(options.state)
    store.guard = lock.require
    with lock.held(options.command):
        return session.run(command, lock.left_behind)
