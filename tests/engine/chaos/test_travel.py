"""The state of the real program moves between the engines, and neither sees a change in it."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.cloud import LocalCloud
from localcloud.demo.claims import Claims
from localcloud.demo.engines import STACK, steps
from localcloud.demo.stage import Stage
from localcloud.demo.workspace import Workspace, git
from tests.engine.chaos.conftest import MakeEngine
from tests.engine.secret_settings import set_secret

pytestmark = pytest.mark.engine

PASSPHRASE = secrets.token_urlsafe(16)


@pytest.fixture
def copy(cloud: LocalCloud) -> Iterator[Workspace]:
    """The program with a secret setting; it and what the CLI adds to the stack file are taken back."""
    made, before = Workspace(cloud.working_copy.directory, cloud.working_copy.versioned), cloud.working_copy.head
    git(made.directory, "reset", "--quiet", "--hard")
    set_secret(made, PASSPHRASE, "github:token", cloud.keyring.deploy.github)
    yield made
    git(made.directory, "reset", "--quiet", "--hard", before)


def take_over(stage: Stage, state: Path) -> None:
    """Give the engine a state that another one exported."""
    if stage.engine.name == "embedded":
        shutil.copy(state, stage.directory / "state" / f"{STACK}.json")
        return
    command = ["pulumi", "stack", "import", "--stack", STACK, "--non-interactive", "--file", str(state)]
    environment = {**stage.environment(), **stage.engine.own}
    done = subprocess.run(
        command, cwd=stage.workspace.directory, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def require_unchanged(stage: Stage) -> None:
    """A preview and an update see nothing to do, and what they read with is in order."""
    stage.cloud.calls.clear()
    shown = stage.engine.preview(stage.environment())
    assert shown.status == 0, shown.output
    assert (steps(shown), json.loads(shown.stdout)["changeSummary"].keys()) == ([], {"same"})
    again = stage.engine.up(stage.environment(), "--expect-no-changes")
    assert again.status == 0, again.output
    assert [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"] == []


@pytest.mark.parametrize("way", ["embedded to embedded", "embedded to pulumi", "pulumi to embedded"])
def test_the_next_engine_goes_on_from_it(
    cloud: LocalCloud, copy: Workspace, make_engine: MakeEngine, tmp_path: Path, way: str
) -> None:
    if "pulumi" in way and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    cloud.reset()

    def stage(name: str, directory: Path) -> Stage:
        engine = make_engine(directory, name)
        engine.own = {**engine.own, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
        made = Stage(cloud, engine, copy, directory, Claims(engine.console, name, ""))
        engine.prepare(made.environment())
        return made

    first, _, second = way.partition(" to ")
    start, end = stage(first, tmp_path / "first"), stage(second, tmp_path / "second")
    assert start.engine.up(start.environment()).status == 0
    state = tmp_path / "exported.json"
    state.write_text(start.engine.state(start.environment()))
    assert "ciphertext" in state.read_text(), "a secret travels too"
    take_over(end, state)
    require_unchanged(end)
    assert end.engine.destroy(end.environment()).status == 0
    assert end.leftovers() == []
