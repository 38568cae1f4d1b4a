"""A local cloud with a gateway that starts in a moment, and a stack for one resource on each engine at hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from chaos.workspace import LIGHT_GATEWAY
from localcloud.cloud import LocalCloud
from localcloud.core import environment
from localcloud.core.client import REAL_ACCOUNTS
from localcloud.demo import engines
from localcloud.demo.workspace import Workspace, git
from localcloud.railway import Speed
from tests.engine.life import life
from tests.engine.life.place import Place
from tests.engine.running import AttachedEngine

MakeRun = Callable[[str, str], life.Run]


@pytest.fixture(scope="package")
def cloud(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    repository = tmp_path_factory.mktemp("life") / "repository"
    shutil.copytree(LIGHT_GATEWAY, repository, ignore=shutil.ignore_patterns("__pycache__"))
    git(repository, "init", "--quiet", "--initial-branch", "main")
    Workspace(repository, versioned=True).commit("A gateway")
    with LocalCloud(root / "build" / "localcloud", repository, speed=Speed(step=0.01)) as running:
        yield running


@pytest.fixture
def place(cloud: LocalCloud) -> Place:
    """An empty Railway, but for what belongs to others."""
    made = Place(cloud)
    made.prepare()
    return made


@pytest.fixture(params=["embedded", "pulumi"])
def make_run(request: pytest.FixtureRequest, place: Place, tmp_path: Path) -> MakeRun:
    """`make_run(token, name)`: an empty stack for a resource, its state in a directory of that name."""
    if request.param == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    own = {name: value for name, value in environment.current().items() if name not in REAL_ACCOUNTS}
    trusted = {"SSL_CERT_FILE": str(place.cloud.railway.authority.certificate)}
    environ = {**own, **place.cloud.environment(), **trusted}
    environ["RAILWAY_API_TOKEN"] = place.cloud.seed.railway.account_token
    del environ["RAILWAY_TOKEN"]  # a project token sees one environment only

    def make(token: str, name: str) -> life.Run:
        program = tmp_path / name / "program"
        life.prepare(program)
        made = engines.create(request.param, program, tmp_path / name, Console(quiet=True))
        engine = AttachedEngine(made.name, made.commands, made.own, program, made.logs, made.console)
        engine.prepare(environ)
        return life.Run(engine, environ, token)

    return make
