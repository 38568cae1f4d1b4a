"""The real program with a light gateway on a local cloud of its own; runs that are not ended go on in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from chaos import workspace
from chaos.attached import AttachedEngine
from chaos.worker import SPEED, Worker
from localcloud.cloud import LocalCloud
from localcloud.demo.workspace import Workspace

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
        return AttachedEngine.create(name, cloud.working_copy.directory, directory, Console(quiet=True))

    return make


@pytest.fixture(scope="module")
def worker(cloud: LocalCloud, make_engine: MakeEngine, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """Ends runs, which are in processes of their own."""
    copy = Workspace(cloud.working_copy.directory, cloud.working_copy.versioned)
    cloud.reset()
    return Worker(cloud, copy, lambda directory: make_engine(directory, "embedded"), tmp_path_factory.mktemp("stacks"))
