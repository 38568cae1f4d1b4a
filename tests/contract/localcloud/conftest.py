"""Each emulated service alone on its own server, with the log of calls and the faults it was given."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from localcloud.core import seed as seeds
from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.seed import Seed
from localcloud.core.server import ThreadedServer
from localcloud.core.working_copy import WorkingCopy
from localcloud.github.app import Github
from localcloud.models.app import ModelProviders
from localcloud.secret_manager.app import SecretManager

Serve = Callable[[ASGIApp], AbstractContextManager[str]]


class Lent:
    """A server that serves one application after the other, since starting and stopping one takes time."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.server = ThreadedServer(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is not None:
            await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Serves an application as long as a context lasts, which gives its URL."""
    idle: list[Lent] = []
    with ExitStack() as servers:

        @contextmanager
        def lend(app: ASGIApp) -> Iterator[str]:
            lent = idle.pop() if idle else Lent()
            servers.callback(lent.server.stop)
            lent.app = app
            yield lent.server.url
            lent.app = None
            idle.append(lent)

        yield lend


@pytest.fixture
def seed() -> Seed:
    return seeds.load()


@pytest.fixture
def calls() -> CallLog:
    return CallLog()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def secret_manager(seed: Seed, calls: CallLog, faults: Faults) -> SecretManager:
    return SecretManager(seed.secret_manager, calls, faults)


@pytest.fixture
def secret_manager_url(secret_manager: SecretManager, serve: Serve) -> Iterator[str]:
    with serve(secret_manager.app) as url:
        yield url


@pytest.fixture
def secrets_api(secret_manager_url: str, seed: Seed) -> Iterator[httpx.Client]:
    """Secret Manager over plain HTTP, as the deploy identity; paths are relative to the project's secrets."""
    base = f"{secret_manager_url}/v1/projects/{seed.secret_manager.project_id}/"
    headers = {"Authorization": f"Bearer {seed.secret_manager.deploy_token}"}
    with httpx.Client(base_url=base, headers=headers) as client:
        yield client


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with one commit, which holds services/gateway/Dockerfile."""
    directory = tmp_path / "checkout"
    service = directory / "services" / "gateway"
    service.mkdir(parents=True)
    (service / "Dockerfile").write_text("FROM scratch\n")
    commit_all(directory, "Begin")
    return directory


def commit_all(directory: Path, message: str) -> str:
    """Commit everything in `directory` and return the commit."""
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-q", "-m", message)):
        subprocess.run(["git", "-C", str(directory), *words], check=True)
    head = subprocess.run(
        ["git", "-C", str(directory), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    return head.stdout.strip()


@pytest.fixture
def github(seed: Seed, checkout: Path, calls: CallLog, faults: Faults) -> Github:
    return Github(seed.github, WorkingCopy(checkout), calls, faults)


@pytest.fixture
def github_url(github: Github, serve: Serve) -> Iterator[str]:
    with serve(github.app) as url:
        yield url


@pytest.fixture
def github_api(github_url: str, seed: Seed) -> Iterator[httpx.Client]:
    """GitHub as the deploy identity; paths are relative to the repository."""
    headers = {"Authorization": f"Bearer {seed.github.deploy_token}"}
    with httpx.Client(base_url=f"{github_url}/api/v3/repos/{seed.github.repository}/", headers=headers) as client:
        yield client


@pytest.fixture
def models(seed: Seed, calls: CallLog) -> ModelProviders:
    """The providers, which accept the one key "good"."""
    return ModelProviders(seed.models, calls, lambda _provider: {"good"})


@pytest.fixture
def models_api(models: ModelProviders, serve: Serve) -> Iterator[httpx.Client]:
    with serve(models.app) as url, httpx.Client(base_url=url, timeout=5.0) as client:
        yield client
