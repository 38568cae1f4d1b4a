"""The two engines a demo can use, behind the same five verbs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from localcloud.demo.commands import Result, run

STACK = "production"


class Engine(Protocol):
    """Runs the program of a workspace. `environment` is the local cloud's, fresh for each run."""

    name: str

    def preview(self, environment: Mapping[str, str]) -> Result:
        """Preview; standard output is one JSON document with `steps`."""

    def up(self, environment: Mapping[str, str], *options: str) -> Result:
        """Update without a second preview."""

    def refresh(self, environment: Mapping[str, str]) -> Result:
        """Read what there is into the state."""

    def destroy(self, environment: Mapping[str, str]) -> Result:
        """Take everything back."""

    def state(self, environment: Mapping[str, str]) -> str:
        """The state as text, as `pulumi stack import` takes it."""


def chosen(workspace: Path, directory: Path, console: Console) -> Engine:
    """The engine that ENGINE names: `embedded` or `pulumi`; by default the Pulumi CLI where it is on PATH."""
    wanted = os.environ.get("ENGINE") or ("pulumi" if shutil.which("pulumi") else "embedded")
    if wanted == "embedded":
        return Embedded(_Runner(workspace, directory, console))
    if wanted != "pulumi":
        raise ValueError(f"ENGINE is {wanted!r}; it must be embedded or pulumi")
    if not shutil.which("pulumi"):
        raise ValueError("ENGINE=pulumi, but there is no `pulumi` on PATH: install it, or use ENGINE=embedded")
    return PulumiCli(_Runner(workspace, directory, console))


@dataclass
class _Runner:
    workspace: Path
    directory: Path
    console: Console
    count: int = 0

    def run(self, command: list[str], environment: Mapping[str, str], *, json_output: bool = False) -> Result:
        self.count += 1
        log = self.directory / "logs" / f"{self.count:02d}.txt"
        return run(
            command,
            directory=self.workspace,
            environment=environment,
            log=log,
            console=self.console,
            show_stdout=not json_output,
        )


@dataclass
class Embedded:
    """The engine of this project: no Pulumi CLI, the state in one file."""

    runner: _Runner
    name: str = "embedded"

    @property
    def _file(self) -> Path:
        return self.runner.directory / "state" / f"{STACK}.json"

    def _run(self, verb: str, environment: Mapping[str, str], *options: str, json_output: bool = False) -> Result:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "localcloud.engine",
            verb,
            "--stack",
            STACK,
            "--state",
            str(self._file),
            *options,
        ]
        return self.runner.run(command, environment, json_output=json_output)

    def preview(self, environment: Mapping[str, str]) -> Result:
        return self._run("preview", environment, "--json", json_output=True)

    def up(self, environment: Mapping[str, str], *options: str) -> Result:
        return self._run("up", environment, "--skip-preview", *options)

    def refresh(self, environment: Mapping[str, str]) -> Result:
        return self._run("refresh", environment)

    def destroy(self, environment: Mapping[str, str]) -> Result:
        return self._run("destroy", environment)

    def state(self, environment: Mapping[str, str]) -> str:
        return self._run("export", environment, json_output=True).stdout


@dataclass
class PulumiCli:
    """The Pulumi CLI with a file backend and a passphrase of its own."""

    runner: _Runner
    name: str = "pulumi"
    ready: bool = False

    def _run(self, words: list[str], environment: Mapping[str, str], *, json_output: bool = False) -> Result:
        own = self._environment()
        if not self.ready:
            init = ["pulumi", "stack", "init", STACK, "--secrets-provider", "passphrase", "--non-interactive"]
            self.runner.run(init, {**environment, **own})
            self.ready = True
        command = ["pulumi", *words, "--stack", STACK, "--non-interactive"]
        return self.runner.run(command, {**environment, **own}, json_output=json_output)

    def _environment(self) -> dict[str, str]:
        home, backend = self.runner.directory / "pulumi-home", self.runner.directory / "state"
        home.mkdir(parents=True, exist_ok=True)
        backend.mkdir(parents=True, exist_ok=True)
        return {
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "local cloud",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def preview(self, environment: Mapping[str, str]) -> Result:
        return self._run(["preview", "--json"], environment, json_output=True)

    def up(self, environment: Mapping[str, str], *options: str) -> Result:
        return self._run(["up", "--yes", "--skip-preview", *options], environment)

    def refresh(self, environment: Mapping[str, str]) -> Result:
        return self._run(["refresh", "--yes", "--skip-preview"], environment)

    def destroy(self, environment: Mapping[str, str]) -> Result:
        return self._run(["destroy", "--yes", "--skip-preview"], environment)

    def state(self, environment: Mapping[str, str]) -> str:
        return self._run(["stack", "export"], environment, json_output=True).stdout


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
