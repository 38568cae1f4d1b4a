"""A world with nothing in it."""

from __future__ import annotations

import pytest

from localcloud.core.seed import RailwaySeed
from localcloud.railway.speed import Speed
from localcloud.railway.state.world import World


@pytest.fixture
def world() -> World:
    seed = RailwaySeed(
        project_id="project",
        project_name="shop",
        environment_id="environment",
        environment_name="production",
        repository="acme/shop",
        branch="main",
        project_token="project-token",
        account_token="account-token",
    )
    return World(seed, Speed())
