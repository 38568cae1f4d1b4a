"""A resource through an engine: a program that asks for what a file says, and what the engine says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaos.attached import AttachedEngine
from localcloud.demo import engines
from localcloud.demo.commands import Result
from tests.engine import small_program

PROGRAM: Final = '''\
"""Asks for the resource that wanted.json describes."""

import json
import pathlib

import pulumi

wanted = json.loads((pathlib.Path(__file__).parent / "wanted.json").read_text())
if wanted:
    options = pulumi.ResourceOptions(import_=wanted["import"])
    pulumi.CustomResource(wanted["token"], "subject", wanted["inputs"], options)
'''
HALVES: Final = {"create-replacement", "delete-replaced"}


def prepare(directory: Path) -> None:
    """Write the program."""
    small_program.prepare(directory, "life")
    (directory / "__main__.py").write_text(PROGRAM)


@dataclass
class Run:
    """A stack with at most one resource in it. `environment` is that of each run."""

    engine: AttachedEngine
    environment: Mapping[str, str]
    token: str
    inputs: dict[str, Any] = field(default_factory=dict)

    def want(self, inputs: Mapping[str, Any], import_id: str | None = None) -> None:
        """What the program asks for from now on."""
        self.inputs = {name: value for name, value in inputs.items() if value is not None}
        wanted = {"token": self.token, "inputs": self.inputs, "import": import_id}
        (self.engine.workspace / "wanted.json").write_text(json.dumps(wanted))

    def change(self, values: Mapping[str, Any]) -> None:
        """Ask for other values; None takes an input away."""
        self.want({**self.inputs, **values})

    def preview(self) -> dict[str, list[str]]:
        """Operation -> the top-level inputs that the preview shows, for the steps on Railway's resources."""
        result = self.engine.preview(self.environment)
        assert result.status == 0, result.output
        steps = [step for step in engines.steps(result) if step.type == self.token and step.op not in HALVES]
        return {step.op: sorted({re.split(r"[.\[]", path)[0] for path in step.changes}) for step in steps}

    def refused(self) -> str:
        """What the user reads where a preview ends badly."""
        result = self.engine.preview(self.environment)
        assert result.status != 0, result.output
        return result.output

    def up(self, *options: str) -> Result:
        """Bring the stack to what is wanted."""
        return _good(self.engine.up(self.environment, *options))

    def refresh(self) -> list[str]:
        """Read what there is; the top-level inputs that differ from those recorded before."""
        before = self.recorded()
        _good(self.engine.refresh(self.environment))
        after = self.recorded()
        if before is None or after is None:
            return [] if before is after else ["gone"]
        names = before["inputs"].keys() | after["inputs"].keys()
        return sorted(name for name in names if before["inputs"].get(name) != after["inputs"].get(name))

    def destroy(self) -> None:
        """Take everything back."""
        _good(self.engine.destroy(self.environment))

    def recorded(self) -> dict[str, Any] | None:
        """The resource as the state holds it."""
        resources = json.loads(self.engine.state(self.environment))["deployment"].get("resources") or []
        return next((each for each in resources if each["type"] == self.token), None)


def _good(result: Result) -> Result:
    assert result.status == 0, result.output
    assert "Traceback" not in result.output, result.output
    return result
