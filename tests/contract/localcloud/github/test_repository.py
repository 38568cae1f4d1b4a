"""The repository itself, and the commits that its working copy has."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from localcloud.core.seed import Seed
from localcloud.core.working_copy import WorkingCopy

pytestmark = pytest.mark.contract


@pytest.fixture(params=["/", "/api/v3/"])
def root(request: pytest.FixtureRequest, github_url: str, seed: Seed) -> httpx.Client:
    headers = {"Authorization": f"Bearer {seed.github.deploy_token}"}
    return httpx.Client(base_url=github_url + request.param, headers=headers)


def test_owner_user_and_repository(root: httpx.Client) -> None:
    with root:
        repository = root.get("repos/edri2or-commits/project38-or").json()

        assert root.get("orgs/edri2or-commits").json()["login"] == "edri2or-commits"
        assert root.get("user").json()["type"] == "User"
        assert repository["full_name"] == "edri2or-commits/project38-or"
        assert repository["default_branch"] == "main"
        assert isinstance(repository["id"], int)
        assert root.get("repos/EDRI2OR-commits/Project38-OR").json() == repository


@pytest.mark.parametrize(
    "path", ["orgs/other", "repos/other/project38-or", "repos/edri2or-commits/other", "zen", "x/y"]
)
def test_what_is_not_there_is_not_found(root: httpx.Client, path: str) -> None:
    with root:
        answer = root.get(path)

    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_a_method_that_is_not_emulated_is_an_error(github_api: httpx.Client) -> None:
    assert github_api.post("branches").status_code == 404


def test_the_branch_is_the_commit_that_is_deployed(github_api: httpx.Client, checkout: Path) -> None:
    head = WorkingCopy(checkout).head

    assert github_api.get("branches").json()[0] == {"name": "main", "commit": {"sha": head}, "protected": False}
    assert github_api.get("branches/main").json()["commit"]["sha"] == head
    assert github_api.get("git/ref/heads/main").json()["object"]["sha"] == head
    assert github_api.get("commits/main").json()["sha"] == head


def test_a_commit_is_told_as_git_knows_it(github_api: httpx.Client, checkout: Path) -> None:
    head = WorkingCopy(checkout).head

    commit = github_api.get(f"commits/{head}").json()
    git_commit = github_api.get(f"git/commits/{head}").json()

    assert commit["commit"]["message"] == git_commit["message"] == "Begin"
    assert commit["commit"]["author"]["name"] == "Somebody"
    assert commit["commit"]["tree"] == git_commit["tree"]
    assert commit["parents"] == []


@pytest.mark.parametrize("path", ["branches/other", "git/ref/heads/other", "commits/other", f"commits/{'0' * 40}"])
def test_an_unknown_branch_or_commit_is_not_found(github_api: httpx.Client, path: str) -> None:
    assert github_api.get(path).status_code == 404
