"""Somebody in this process follows the calls of every service, and may drop one before or after it is applied."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from localcloud.cloud import LocalCloud
from localcloud.core.faults import Moment

pytestmark = pytest.mark.contract
CREATE = "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }"


class Watch:
    """Writes down what it is told, and drops calls at the moment `drops`."""

    def __init__(self, drops: Moment | None = None) -> None:
        self.told: list[tuple[str, str, Moment]] = []
        self._drops = drops

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        self.told.append((service, operation, moment))
        return moment != self._drops


@pytest.fixture
def unwatched(cloud: LocalCloud) -> Iterator[LocalCloud]:
    yield cloud
    cloud.faults.watch = None


def create_service(cloud: LocalCloud) -> httpx.Response:
    headers = {"Project-Access-Token": cloud.keyring.deploy.railway}
    variables = {"input": {"projectId": cloud.seed.railway.project_id, "name": "shop"}}
    return httpx.post(cloud.endpoints.railway, json={"query": CREATE, "variables": variables}, headers=headers)


def create_variable(cloud: LocalCloud) -> httpx.Response:
    path = f"/api/v3/repos/{cloud.seed.github.repository}/actions/variables"
    headers = {"Authorization": f"Bearer {cloud.keyring.deploy.github}"}
    return httpx.post(f"{cloud.endpoints.github}{path}", json={"name": "X", "value": "1"}, headers=headers)


def test_each_call_is_told_before_and_after(unwatched: LocalCloud) -> None:
    unwatched.faults.watch = watch = Watch()
    assert "errors" not in create_service(unwatched).json()
    assert create_variable(unwatched).status_code == 201
    assert watch.told == [
        ("railway", "serviceCreate", "before"),
        ("railway", "serviceCreate", "after"),
        ("github", "CreateVariable", "before"),
        ("github", "CreateVariable", "after"),
    ]


@pytest.mark.parametrize(("moment", "applied"), [("before", 0), ("after", 1)])
def test_a_dropped_call_is_applied_only_after_that(unwatched: LocalCloud, moment: Moment, applied: int) -> None:
    unwatched.faults.watch = Watch(moment)
    for create in (create_service, create_variable):
        with pytest.raises(httpx.RemoteProtocolError):
            create(unwatched)
    assert len(unwatched.railway.state()["services"]) == applied
    assert len(unwatched.github.variables()) == applied
