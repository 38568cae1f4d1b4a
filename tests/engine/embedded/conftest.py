"""The same programs on the embedded engine and, where it is on PATH, on the Pulumi CLI."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from chaos import attached
from tests.engine import small_program

ROOT = Path(__file__).parents[3]
PROBE = Path(__file__).parent / "probe"
PASSPHRASE = "correct horse"
TIMEOUT = 120
PLUGINS = f"""\
plugins:
  providers:
    - name: probe
      path: {PROBE}
"""
HALVES = {"create-replacement", "delete-replaced"}


@dataclass(frozen=True)
class Result:
    """A finished command. `steps` are (operation, name of the resource), halves of replacements left out."""

    code: int
    output: str
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> set[tuple[str, str]]:
        steps = [(step["op"], step["urn"].split("::", 3)[3]) for step in self.document.get("steps", [])]
        return {step for step in steps if step[0] not in HALVES and not step[1].startswith("default")}

    @property
    def changes(self) -> set[tuple[str, str]]:
        return {step for step in self.steps if step[0] not in {"same", "read"}}


Start = Callable[..., "subprocess.Popen[str]"]


class Stack:
    """A stack `dev` of a project in an empty directory, with its own world for the plugin."""

    name = ""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "program"
        self.world = directory / "world"
        self.home = directory / "home"
        for made in (self.world, self.home):
            made.mkdir()
        small_program.prepare(self.directory, "demo", PLUGINS)
        shutil.copy(PROBE / "things.py", self.directory)

    def program(self, text: str) -> None:
        """Replace the program."""
        header = "import pulumi\nfrom pulumi import ResourceOptions as Options\nfrom things import *\n"
        (self.directory / "__main__.py").write_text(header + textwrap.dedent(text))

    def settings(self, text: str) -> None:
        """Write the stack's settings."""
        (self.directory / "Pulumi.dev.yaml").write_text(textwrap.dedent(text))

    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return {
            **small_program.with_uv(kept),
            "PROBE_WORLD": str(self.world),
            "PROBE_PYTHON": sys.executable,
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_HOME": str(self.home),
        }

    def execute(self, *command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.directory,
            env=self.changed_environment(changes),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def changed_environment(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The environment of a run; None takes a variable away."""
        return {key: value for key, value in {**self.environment(), **changes}.items() if value is not None}

    def fault(self, call: str, name: str, what: str) -> None:
        """Let the next such call on the resource `name` go wrong: `error`, `init`, `hang` or `crash` and a message."""
        (self.world / f"fault-{call}-{name}").write_text(what)

    def calls(self, *kinds: str, preview: bool = False) -> list[tuple[str, str]]:
        """(call, name) of the plugin's log, in order."""
        file = self.world / "calls.jsonl"
        entries = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [
            (entry["call"], entry["urn"].split("::", 3)[-1])
            for entry in entries
            if entry["call"] in kinds and entry["preview"] is preview
        ]

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The plugin's log of one kind of call."""
        lines = (self.world / "calls.jsonl").read_text().splitlines()
        return [entry for entry in map(json.loads, lines) if entry["call"] == kind]

    def forget_calls(self) -> None:
        (self.world / "calls.jsonl").unlink(missing_ok=True)

    def things(self) -> dict[str, dict[str, Any]]:
        """What exists in the world: id -> outputs."""
        return {file.name.removeprefix("thing-"): json.loads(file.read_text()) for file in self.world.glob("thing-*")}

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, default providers and the root left out."""
        found = self.export()["deployment"].get("resources") or []
        return [entry for entry in found if entry["urn"].split("::", 3)[3] not in {"default", "demo-dev"}]

    def resource(self, name: str) -> dict[str, Any]:
        """The live entry of one resource."""
        return next(
            entry for entry in self.resources() if entry["urn"].endswith(f"::{name}") and not entry.get("delete")
        )

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack."""
        found = self.export()["deployment"].get("resources") or []
        roots = [entry for entry in found if entry["type"] == "pulumi:pulumi:Stack"]
        return dict(roots[0].get("outputs") or {}) if roots else {}

    def export(self) -> dict[str, Any]:
        raise NotImplementedError

    def preview(self, *options: str) -> Result:
        raise NotImplementedError

    def run(self, command: str, *options: str, **changes: str | None) -> Result:
        raise NotImplementedError

    def up(self, *options: str, **changes: str | None) -> Result:
        """Update without a preview."""
        return self.run("up", "--skip-preview", *options, **changes)


class EmbeddedStack(Stack):
    """On the embedded engine."""

    name = "embedded"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.state = directory / "state" / "dev.json"

    def command(self, command: str, *options: str) -> list[str]:
        arguments = [command, "--stack", "dev", "--state", str(self.state), *options]
        return [sys.executable, "-m", "localcloud.engine", *arguments]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(ROOT)}

    def export(self) -> dict[str, Any]:
        return dict(json.loads(self.state.read_text())) if self.state.exists() else {"deployment": {}}

    def preview(self, *options: str) -> Result:
        return self.run("preview", "--json", *options)

    def run(self, command: str, *options: str, **changes: str | None) -> Result:
        """In this process; `execute` and `start` run it as one of its own."""
        with mock.patch.dict(os.environ, self.changed_environment(changes), clear=True):
            done = attached.here(self.directory, self.command(command, *options)[3:])
        document = json.loads(done.stdout) if "--json" in options and done.stdout else {}
        return Result(done.status, done.output, document)

    def start(self, command: str, *options: str) -> subprocess.Popen[str]:
        """A command that goes on, for a test to interrupt."""
        return subprocess.Popen(
            self.command(command, *options),
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


class PulumiStack(Stack):
    """On the Pulumi CLI with a file backend."""

    name = "pulumi"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        (directory / "backend").mkdir()
        self.backend = f"file://{directory / 'backend'}"
        self.execute("pulumi", "stack", "init", "dev", "--non-interactive")

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "PULUMI_BACKEND_URL": self.backend,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def settings(self, text: str) -> None:
        file = self.directory / "Pulumi.dev.yaml"
        salt = [line for line in file.read_text().splitlines() if line.startswith("encryptionsalt")]
        file.write_text(textwrap.dedent(text) + "\n".join(salt) + "\n")

    def export(self) -> dict[str, Any]:
        return dict(json.loads(self.execute("pulumi", "stack", "export").stdout))

    def preview(self, *options: str) -> Result:
        done = self.execute("pulumi", "preview", "--json", "--non-interactive", *options)
        return Result(done.returncode, done.stdout + done.stderr, json.loads(done.stdout or "{}"))

    def run(self, command: str, *options: str, **changes: str | None) -> Result:
        done = self.execute("pulumi", command, "--yes", "--non-interactive", *options, **changes)
        return Result(done.returncode, done.stdout + done.stderr)


@pytest.fixture(params=["embedded", "pulumi"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    """An empty stack, on both engines."""
    return EmbeddedStack(tmp_path) if request.param == "embedded" else _on_the_cli(tmp_path)


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedStack:
    """An empty stack on the embedded engine."""
    return EmbeddedStack(tmp_path)


@pytest.fixture
def cli(tmp_path: Path) -> PulumiStack:
    """An empty stack on the Pulumi CLI, beside one on the embedded engine."""
    (tmp_path / "cli").mkdir()
    return _on_the_cli(tmp_path / "cli")


def _on_the_cli(directory: Path) -> PulumiStack:
    if shutil.which("pulumi") is None:
        pytest.skip("the Pulumi CLI is not on PATH")
    return PulumiStack(directory)


@pytest.fixture
def started(embedded: EmbeddedStack) -> Iterator[Start]:
    """Start commands that are ended with the test, whatever happens."""
    processes: list[subprocess.Popen[str]] = []

    def start(command: str, *options: str) -> subprocess.Popen[str]:
        processes.append(embedded.start(command, *options))
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.communicate()
