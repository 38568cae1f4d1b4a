"""The real program on the local cloud, through each engine at hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from localcloud.cloud import LocalCloud
from localcloud.demo import engines, workspace
from localcloud.demo.claims import Claims
from localcloud.demo.stage import Stage


@pytest.fixture(scope="session")
def cloud(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud that has the committed HEAD of this project; the gateway's environment is kept in build/."""
    copy = workspace.create(root, tmp_path_factory.mktemp("program") / "workspace")
    with LocalCloud(root / "build" / "localcloud", copy.directory) as running:
        yield running


@pytest.fixture(params=["embedded", "pulumi"])
def stage(request: pytest.FixtureRequest, cloud: LocalCloud, tmp_path: Path) -> Stage:
    """An empty stack on an empty local cloud."""
    name: str = request.param
    if name == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    cloud.reset()
    console = Console(quiet=True)
    program = cloud.working_copy.directory
    engine = engines.create(name, program, tmp_path, console)
    copy = workspace.Workspace(program, cloud.working_copy.versioned)
    made = Stage(cloud, engine, copy, tmp_path, Claims(console, name, cloud.working_copy.head))
    engine.prepare(made.environment())
    return made
