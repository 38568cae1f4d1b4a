"""The two engines a demo can use: the same verbs, each with its own command line."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from localcloud.core import environment
from localcloud.demo.commands import Result, run

STACK = "production"


@dataclass
class Engine:
    """Runs the program in `workspace`. Each verb takes the environment of the run, fresh from the local cloud.

    `commands` holds the words of each verb; `own` is added to the environment; `logs` gets the output of each run, and
    `patience` bounds its seconds.
    """

    name: str
    commands: Mapping[str, Sequence[str]]
    own: Mapping[str, str]
    workspace: Path
    logs: Path
    console: Console
    patience: float | None = field(default=None, kw_only=True)
    count: int = field(default=0, init=False)

    def preview(self, environ: Mapping[str, str]) -> Result:
        """Preview; standard output is one JSON document with `steps`."""
        return self._run("preview", environ, show_stdout=False)

    def up(self, environ: Mapping[str, str], *options: str) -> Result:
        """Update, without a preview before it."""
        return self._run("up", environ, *options)

    def refresh(self, environ: Mapping[str, str], *options: str) -> Result:
        """Read what there is into the state."""
        return self._run("refresh", environ, *options)

    def destroy(self, environ: Mapping[str, str]) -> Result:
        """Take everything back."""
        return self._run("destroy", environ)

    def cancel(self, environ: Mapping[str, str]) -> Result:
        """Take the lock of a run away."""
        return self._run("cancel", environ)

    def state(self, environ: Mapping[str, str]) -> str:
        """The state as `pulumi stack import` takes it."""
        return self._run("export", environ, show_stdout=False).stdout

    def prepare(self, environ: Mapping[str, str]) -> None:
        """Create the stack where the engine wants that."""
        if "init" in self.commands:
            self._run("init", environ)

    def _run(self, verb: str, environ: Mapping[str, str], *options: str, show_stdout: bool = True) -> Result:
        self.count += 1
        return run(
            [*self.commands[verb], *options],
            directory=self.workspace,
            environment={**environ, **self.own},
            log=self.logs / f"{self.count:02d}-{verb}.txt",
            console=self.console,
            show_stdout=show_stdout,
            patience=self.patience,
        )


def wanted() -> str:
    """The engine that ENGINE names; by default the Pulumi CLI where it is on PATH. Raises ValueError for another."""
    name = environment.current().get("ENGINE") or ("pulumi" if shutil.which("pulumi") else "embedded")
    if name not in {"embedded", "pulumi"}:
        raise ValueError(f"ENGINE is {name!r}; it must be embedded or pulumi")
    if name == "pulumi" and not shutil.which("pulumi"):
        raise ValueError("ENGINE=pulumi, but there is no `pulumi` on PATH: install it, or use ENGINE=embedded")
    return name


def create(name: str, workspace: Path, directory: Path, console: Console) -> Engine:
    """The engine of that name for the program in `workspace`; state and logs go below `directory`."""
    state = directory / "state"
    state.mkdir(parents=True, exist_ok=True)
    commands, own = _pulumi(state, directory / "pulumi-home") if name == "pulumi" else _embedded(state)
    return Engine(name, commands, own, workspace, directory / "logs", console)


def _embedded(state: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    base, where = (
        [sys.executable, "-m", "localcloud.engine"],
        ["--stack", STACK, "--state", str(state / f"{STACK}.json")],
    )
    commands = {verb: [*base, verb, *where, "--skip-preview"] for verb in ("up", "refresh", "destroy")}
    return commands | {
        "preview": [*base, "preview", *where, "--json"],
        "export": [*base, "export", *where],
        "cancel": [*base, "cancel", *where],
    }, {}


def _pulumi(state: Path, home: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    where = ["--stack", STACK, "--non-interactive"]
    changing = {verb: ["pulumi", verb, "--yes", "--skip-preview", *where] for verb in ("up", "refresh", "destroy")}
    reading = {
        "preview": ["pulumi", "preview", "--json", *where],
        "export": ["pulumi", "stack", "export", *where],
        "cancel": ["pulumi", "cancel", "--yes", *where],
        "init": ["pulumi", "stack", "init", STACK, "--secrets-provider", "passphrase", "--non-interactive"],
    }
    own = {
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "local cloud",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return changing | reading, own


@dataclass(frozen=True)
class Step:
    """One step of a preview: `changes` maps the path of each changed input to its old and its new value."""

    op: str
    type: str
    changes: Mapping[str, tuple[Any, Any]]


def steps(preview: Result) -> list[Step]:
    """The steps of a preview's JSON document that change something."""
    try:
        document = json.loads(preview.stdout)
    except ValueError:
        return []
    return [_step(step) for step in document.get("steps", []) if step["op"] != "same"]


def _step(step: Mapping[str, Any]) -> Step:
    """The embedded engine lists the changes; the CLI gives paths, and the inputs before and after."""
    if "diff" in step:
        changes = {change["path"]: (change["old"], change["new"]) for change in step["diff"]}
    else:
        states = [(step.get(side) or {}).get("inputs", {}) for side in ("oldState", "newState")]
        changes = {path: (_at(states[0], path), _at(states[1], path)) for path in step.get("detailedDiff") or {}}
    return Step(step["op"], step["urn"].split("::")[2].rsplit("$", 1)[-1], changes)


def _at(inputs: Any, path: str) -> Any:
    for part in path.split("."):
        inputs = inputs.get(part) if isinstance(inputs, dict) else None
    return inputs
