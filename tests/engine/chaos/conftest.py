"""The real program with a light gateway on a local cloud of its own; runs that are not ended go on in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from chaos import workspace
from chaos.worker import SPEED, Worker
from localcloud.cloud import LocalCloud
from localcloud.demo import engines
from localcloud.demo.workspace import Workspace
from tests.engine.running import AttachedEngine

MakeEngine = Callable[[Path, str], AttachedEngine]


@pytest.fixture(scope="package")
def cloud(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    copy = workspace.prepare(root, tmp_path_factory.mktemp("chaos") / "program")
    with LocalCloud(root / "build" / "localcloud", copy.directory, speed=SPEED) as running:
        yield running


@pytest.fixture(scope="package")
def make_engine(cloud: LocalCloud) -> MakeEngine:
    """An engine of that name for the program, with its state and logs below a directory."""

    def make(directory: Path, name: str = "embedded") -> AttachedEngine:
        program = cloud.working_copy.directory
        made = engines.create(name, program, directory, Console(quiet=True))
        return AttachedEngine(made.name, made.commands, made.own, program, made.logs, made.console)

    return make


@pytest.fixture(scope="module")
def worker(cloud: LocalCloud, make_engine: MakeEngine, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """Ends runs, which are in processes of their own."""
    copy = Workspace(cloud.working_copy.directory, cloud.working_copy.versioned)
    cloud.reset()
    return Worker(cloud, copy, lambda directory: make_engine(directory, "embedded"), tmp_path_factory.mktemp("stacks"))
