"""A local cloud with a gateway that starts in a moment, and a stack for one resource on each engine at hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from chaos.attached import AttachedEngine
from chaos.workspace import LIGHT_GATEWAY
from localcloud.cloud import LocalCloud
from localcloud.core import environment
from localcloud.core.client import REAL_ACCOUNTS
from localcloud.demo.workspace import Workspace, git
from localcloud.railway import Speed
from tests.engine.life import life
from tests.engine.life.place import Place
from tests.engine.life.stack import Stack
from tests.engine.small_program import with_uv

MakeRun = Callable[[str, str], life.Run]
MakeStack = Callable[[], Stack]


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


@pytest.fixture
def environ(cloud: LocalCloud) -> dict[str, str]:
    """The environment of a run, with a token for the whole account, and uv on PATH."""
    own = {name: value for name, value in environment.current().items() if name not in REAL_ACCOUNTS}
    found = {**own, **cloud.environment(), "SSL_CERT_FILE": str(cloud.railway.authority.certificate)}
    found["RAILWAY_API_TOKEN"] = cloud.seed.railway.account_token
    del found["RAILWAY_TOKEN"]  # a project token sees one environment only
    return with_uv(found)


@pytest.fixture
def make_stack(cloud: LocalCloud, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> MakeStack:
    """`make_stack()`: a small stack on the embedded engine, on an empty Railway where a name may be given twice."""

    def make() -> Stack:
        place, directory = Place(cloud), tmp_path_factory.mktemp("stack")
        place.prepare()
        cloud.railway.seed({"behaviour": {"unique_service_names": False}})
        return Stack(place, _engine("embedded", directory), environ)

    return make


@pytest.fixture(params=["embedded", "pulumi"])
def make_run(
    request: pytest.FixtureRequest,
    place: Place,
    environ: dict[str, str],
    tmp_path: Path,
) -> MakeRun:
    """`make_run(token, name)`: an empty stack for a resource, its state in a directory of that name."""
    if request.param == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")

    def make(token: str, name: str) -> life.Run:
        engine = _engine(request.param, tmp_path / name)
        life.prepare(engine.workspace)
        engine.prepare(environ)
        return life.Run(engine, environ, token)

    return make


def _engine(name: str, directory: Path) -> AttachedEngine:
    """An engine of that name for a program, which lies with state and logs below a directory."""
    return AttachedEngine.create(name, directory / "program", directory, Console(quiet=True))
