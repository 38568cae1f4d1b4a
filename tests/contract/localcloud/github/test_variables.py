"""Repository variables, as the Pulumi github plugin and people's scripts manage them."""

from __future__ import annotations

import httpx
import pytest

from localcloud.core.calls import CallLog
from localcloud.core.faults import Fault, Faults
from localcloud.core.seed import Seed
from localcloud.github.app import Github

pytestmark = pytest.mark.contract

VARIABLES = "actions/variables"
URL = {"name": "LITELLM_GATEWAY_URL", "value": "https://gateway.example.org"}
ONE = f"{VARIABLES}/{URL['name']}"


def test_a_variable_lives_from_201_to_404(github_api: httpx.Client) -> None:
    created = github_api.post(VARIABLES, json=URL)
    read = github_api.get(ONE).json()

    assert (created.status_code, created.json()) == (201, {})
    assert {key: read[key] for key in ("name", "value")} == URL
    assert read["created_at"].endswith("Z")

    updated = github_api.patch(ONE, json={"name": URL["name"], "value": "https://other.example.org"})
    assert (updated.status_code, updated.content) == (204, b"")
    assert github_api.get(ONE).json()["value"] == "https://other.example.org"

    assert github_api.delete(ONE).status_code == 204
    assert github_api.get(ONE).status_code == 404
    assert github_api.delete(ONE).status_code == 404
    assert github_api.patch(ONE, json=URL).status_code == 404


def test_a_name_is_taken_once_and_kept_in_capitals(github_api: httpx.Client) -> None:
    github_api.post(VARIABLES, json={**URL, "name": URL["name"].lower()})

    again = github_api.post(VARIABLES, json=URL)

    assert again.status_code == 409
    assert again.json()["message"] == "Already exists - Variable already exists"
    assert github_api.get(ONE.lower()).json()["name"] == URL["name"]


def test_a_variable_is_renamed(github_api: httpx.Client) -> None:
    github_api.post(VARIABLES, json=URL)
    github_api.post(VARIABLES, json={"name": "TAKEN", "value": "x"})

    assert github_api.patch(ONE, json={"name": "TAKEN"}).status_code == 409
    assert github_api.patch(ONE, json={"name": "RENAMED"}).status_code == 204
    assert github_api.get(ONE).status_code == 404
    assert github_api.get(f"{VARIABLES}/RENAMED").json()["value"] == URL["value"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "1ST", "value": "x"},
        {"name": "GITHUB_X", "value": "x"},
        {"name": "A-B", "value": "x"},
        {"name": "A"},
        {"value": "x"},
        {"name": "A", "value": ""},
        {"name": "A", "value": "x" * (48 * 1024 + 1)},
    ],
)
def test_a_bad_variable_is_refused(github_api: httpx.Client, github: Github, body: dict[str, str]) -> None:
    assert github_api.post(VARIABLES, json=body).status_code == 422
    assert github.variables() == {}


def test_variables_are_listed_over_pages(github_api: httpx.Client) -> None:
    for number in range(12):
        github_api.post(VARIABLES, json={"name": f"V{number:02d}", "value": "x"})

    first = github_api.get(VARIABLES).json()
    second = github_api.get(f"{VARIABLES}?page=2").json()

    assert first["total_count"] == second["total_count"] == 12
    names = [variable["name"] for page in (first, second) for variable in page["variables"]]
    assert names == [f"V{number:02d}" for number in range(12)]
    assert len(github_api.get(f"{VARIABLES}?per_page=11").json()["variables"]) == 11


def test_the_preview_identity_may_read_and_not_write(
    github_api: httpx.Client, seed: Seed, calls: CallLog, github: Github
) -> None:
    github_api.headers["Authorization"] = f"token {seed.github.preview_token}"

    refused = github_api.post(VARIABLES, json=URL)

    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by personal access token"
    assert github_api.get(VARIABLES).status_code == 200
    assert github.variables() == {}
    assert [(call.operation, call.kind, call.authorised) for call in calls.list()] == [
        ("CreateVariable", "mutation", False),
        ("ListVariables", "query", True),
    ]


def test_errors_have_githubs_shape(github_api: httpx.Client) -> None:
    answer = github_api.get(ONE)

    assert answer.json() == {
        "message": "Not Found",
        "documentation_url": "https://docs.github.com/rest/actions/variables#get-a-repository-variable",
        "status": "404",
    }
    assert github_api.post(VARIABLES, content=b"{").json()["message"] == "Problems parsing JSON"


def test_without_a_known_token_nothing_is_told(github_url: str) -> None:
    url = f"{github_url}/repos/edri2or-commits/project38-or"

    assert httpx.get(url).json()["message"] == "Requires authentication"
    bad = httpx.get(url, headers={"Authorization": "Bearer other"})
    assert (bad.status_code, bad.json()["message"]) == (401, "Bad credentials")


def test_faults_are_met_once(github_api: httpx.Client, faults: Faults, github: Github) -> None:
    faults.add(Fault("github", "CreateVariable", "status", code=500))
    faults.add(Fault("github", "CreateVariable", "drop_after"))

    assert github_api.post(VARIABLES, json=URL).status_code == 500
    with pytest.raises(httpx.RemoteProtocolError):
        github_api.post(VARIABLES, json=URL)

    assert github.variables() == {URL["name"]: URL["value"]}
    github.reset()
    assert github.variables() == {}
