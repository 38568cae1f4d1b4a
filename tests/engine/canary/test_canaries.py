"""A secret of its own in every source, and whatever the runs of the real program show or leave is searched for each."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from chaos import workspace
from localcloud.cloud import LocalCloud
from localcloud.demo import engines, leaks
from localcloud.demo.claims import Claims
from localcloud.demo.stage import Stage
from localcloud.railway import Speed
from tests.engine.canary.aviary import HINT, Aviary, random_text
from tests.engine.canary.watcher import Watcher, files

pytestmark = pytest.mark.engine


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
        passphrase = random_text()
        engine.own = {**engine.own, "PULUMI_CONFIG_PASSPHRASE": passphrase}
        stage = Stage(cloud, engine, copy, directory, Claims(console, name, cloud.working_copy.head))
        engine.prepare(stage.environment())
        yield Aviary(stage, temporary, Watcher(copy.directory, temporary), passphrase)


def test_no_secret_is_seen_anywhere(aviary: Aviary) -> None:
    stage, engine = aviary.stage, aviary.stage.engine
    aviary.furnish()
    aviary.plant()
    aviary.run("a preview", engine.preview, identity="preview")
    aviary.run("the first up", engine.up)
    aviary.configure("github:token", stage.cloud.keyring.deploy.github)
    workspace.spoil(stage.workspace, "crash")  # its log holds keys
    aviary.run("an up that crashes", engine.up, fails=True)
    workspace.mend(stage.workspace, "crash")
    workspace.spoil(stage.workspace, "open")
    aviary.plant()
    aviary.run("an up that is refused", engine.up, fails=True)
    aviary.export("an up that is refused")
    aviary.canaries["a value set by hand"] = by_hand = f"{secrets.token_hex(6)}-{secrets.token_hex(20)}"
    stage.edit_variable("OPENAI_API_KEY", by_hand)
    aviary.run("a refresh", engine.refresh)
    aviary.run("a preview of drift", engine.preview, identity="preview")
    workspace.mend(stage.workspace, "open")
    aviary.run("an up that mends it", engine.up)
    aviary.export("an up that mends it")
    aviary.run("a destroy", engine.destroy)
    commands = "\n".join(aviary.watcher.commands)
    assert "gateway.acceptance" in commands
    assert "pulumi_railway.plugin" in commands
    assert "] cannot start with the key [redacted]" in aviary.outputs["the output of an up that crashes"]
    assert re.search(r"pass +budget ", aviary.outputs["the output of an up that mends it"])
    assert any("evidence" in file for file in aviary.watcher.files)
    escaped = aviary.escaped()
    assert escaped == [], "\n".join(escaped)
    assert list(aviary.temporary.rglob("gate-*")) == []


def test_a_canary_is_found_in_each_of_its_forms(tmp_path: Path) -> None:
    value = random_text()
    looks = leaks.forms(value, HINT)
    for number, form in enumerate(sorted(looks)):
        (tmp_path / f"{number}").write_text(f"before{form}after{os.linesep}")
    assert len(leaks.search(files(tmp_path), {"it": value}, HINT)) == len(looks)
