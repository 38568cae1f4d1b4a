"""Each emulated service alone on its own server, with the log of calls and the faults it was given."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from localcloud.core import seed as seeds
from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.seed import Seed
from localcloud.core.server import ThreadedServer
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
