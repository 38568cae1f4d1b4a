"""Each emulated service alone on its own server, with the log of calls and the faults it was given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from localcloud.core import seed as seeds
from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.seed import Seed
from localcloud.core.server import ThreadedServer
from localcloud.core.working_copy import WorkingCopy
from localcloud.github.app import Github
from localcloud.secret_manager.app import SecretManager


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
def secret_manager_url(secret_manager: SecretManager) -> Iterator[str]:
    with ThreadedServer(secret_manager.app) as server:
        yield server.url


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
def github_url(github: Github) -> Iterator[str]:
    with ThreadedServer(github.app) as server:
        yield server.url


@pytest.fixture
def github_api(github_url: str, seed: Seed) -> Iterator[httpx.Client]:
    """GitHub as the deploy identity; paths are relative to the repository."""
    headers = {"Authorization": f"Bearer {seed.github.deploy_token}"}
    with httpx.Client(base_url=f"{github_url}/api/v3/repos/{seed.github.repository}/", headers=headers) as client:
        yield client
