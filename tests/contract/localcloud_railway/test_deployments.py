"""Deployments really run: from the commit, by its Dockerfile, with the variables of their start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract


def test_a_connected_service_runs_and_answers_through_its_domain(cloud: Cloud) -> None:
    _, domain, deployment = cloud.launched()
    answer = cloud.serving(domain, "one")
    assert answer["env"]["RAILWAY_DEPLOYMENT_ID"] == deployment
    assert answer["env"]["RAILWAY_GIT_COMMIT_SHA"] == cloud.repository.first
