"""A secret of its own in every source, and whatever the runs of the real program show or leave is searched for each."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from chaos import workspace
from localcloud.cloud import LocalCloud
from localcloud.demo import engines, leaks
from localcloud.demo.claims import Claims
from localcloud.demo.commands import Result
from localcloud.demo.stage import Stage
from localcloud.railway import Speed
from tests.engine.canary.watcher import Watcher, files

pytestmark = pytest.mark.engine

HINT = 8
"""So many leading characters of a secret already give it away."""
KEYS = ("ANTHROPIC-API", "OPENAI-API", "GEMINI-API")


@dataclass
class Aviary:
    """A stage, the canaries that were planted on it, and everything that was seen."""

    stage: Stage
    temporary: Path
    watcher: Watcher
    canaries: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def plant(self) -> None:
        """New versions of every secret, and the tokens."""
        round_ = len(self.canaries)
        payloads = {name: f'{secrets.token_hex(6)}/+"&{secrets.token_urlsafe(30)}' for name in KEYS}
        payloads["LITELLM-MASTER-KEY"] = f"sk-{secrets.token_hex(32)}"
        for name, payload in payloads.items():
            self.stage.cloud.secret_manager.add_version(name, payload)
            self.canaries[f"{name} of round {round_}"] = payload
        tokens = self.stage.cloud.keyring.deploy
        self.canaries |= {
            "the Railway token": tokens.railway,
            "the Google token": tokens.secret_manager,
            "the GitHub token": tokens.github,
            "the preview's Google token": self.stage.cloud.keyring.preview.secret_manager,
            "the preview's GitHub token": self.stage.cloud.keyring.preview.github,
        }

    def run(self, what: str, verb: Callable[[dict[str, str]], Result], *, fails: bool = False) -> None:
        """One run, watched; Railway's token is in the environment of every second one only, else in its secret."""
        environ = {**self.stage.environment(), "TMPDIR": str(self.temporary)}
        if len(self.outputs) % 2:
            del environ["RAILWAY_TOKEN"]
        with self.watcher.watching():
            result = verb(environ)
        assert (result.status != 0) is fails, f"{what}: {result.output}"
        self.outputs[f"the output of {what}"] = result.output
        self.outputs |= {f"{name} after {what}": text for name, text in files(self.stage.directory).items()}

    def export(self, when: str) -> None:
        """The state as it is exported; its file was read after each run."""
        self.outputs[f"the export after {when}"] = self.stage.engine.state(self.stage.environment())

    def escaped(self) -> list[str]:
        """Where canaries were found."""
        calls = json.dumps([vars(call) for call in self.stage.cloud.calls.list()], default=str)
        commands = "\n".join(self.watcher.commands)
        seen = {**self.outputs, **self.watcher.files, "a command line": commands, "the log of calls": calls}
        return leaks.search(seen, self.canaries, HINT)


@pytest.fixture(params=["embedded", "pulumi"])
def aviary(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Iterator[Aviary]:
    name: str = request.param
    if name == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    copy = workspace.prepare(root, tmp_path / "program")
    directory = tmp_path / "runs"
    temporary = directory / "temporary"
    temporary.mkdir(parents=True)
    with LocalCloud(root / "build" / "localcloud", copy.directory, speed=Speed(step=0.02)) as cloud:
        console = Console(quiet=True)
        engine = engines.create(name, copy.directory, directory, console)
        stage = Stage(cloud, engine, copy, directory, Claims(console, name, cloud.working_copy.head))
        engine.prepare(stage.environment())
        yield Aviary(stage, temporary, Watcher(copy.directory, temporary))


def test_no_secret_is_seen_anywhere(aviary: Aviary) -> None:
    stage, engine = aviary.stage, aviary.stage.engine
    aviary.plant()
    aviary.run("a preview", engine.preview)
    aviary.run("the first up", engine.up)
    workspace.spoil(stage.workspace, "crash")  # its log holds a key
    aviary.run("an up that crashes", engine.up, fails=True)
    workspace.mend(stage.workspace, "crash")
    workspace.spoil(stage.workspace, "open")
    aviary.plant()
    aviary.run("an up that is refused", engine.up, fails=True)
    aviary.export("an up that is refused")
    aviary.canaries["a value set by hand"] = by_hand = f"{secrets.token_hex(6)}-{secrets.token_hex(20)}"
    stage.edit_variable("OPENAI_API_KEY", by_hand)
    aviary.run("a refresh", engine.refresh)
    aviary.run("a preview of drift", engine.preview)
    workspace.mend(stage.workspace, "open")
    aviary.run("an up that mends it", engine.up)
    aviary.export("an up that mends it")
    aviary.run("a destroy", engine.destroy)
    commands = "\n".join(aviary.watcher.commands)
    assert "gateway.acceptance" in commands
    assert "pulumi_railway.plugin" in commands
    assert any("evidence" in file for file in aviary.watcher.files)
    assert aviary.escaped() == []
    assert list(aviary.temporary.rglob("gate-*")) == []


def test_a_canary_is_found_in_each_of_its_forms(tmp_path: Path) -> None:
    value = f'{secrets.token_hex(6)}/+"&{secrets.token_urlsafe(30)}'
    looks = leaks.forms(value, HINT)
    for number, form in enumerate(sorted(looks)):
        (tmp_path / f"{number}").write_text(f"before{form}after{os.linesep}")
    assert len(leaks.search(files(tmp_path), {"it": value}, HINT)) == len(looks)
