"""The routes that the Pulumi gcp plugin calls, and what no client library would send."""

from __future__ import annotations

import base64

import httpx
import pytest

from localcloud.core.calls import CallLog
from localcloud.core.faults import Fault, Faults
from localcloud.core.seed import Seed
from localcloud.secret_manager.app import SecretManager

pytestmark = pytest.mark.contract

LATEST = "secrets/OPENAI-API/versions/latest"


def test_the_version_and_its_payload_as_the_gcp_plugin_reads_them(secrets_api: httpx.Client, seed: Seed) -> None:
    metadata = secrets_api.get(LATEST).json()
    access = secrets_api.get(f"{LATEST}:access").json()

    assert metadata["name"] == "projects/979429709900/secrets/OPENAI-API/versions/1"
    assert metadata["state"] == "ENABLED"
    assert metadata["createTime"].endswith("Z")
    assert "payload" not in metadata
    payload = base64.b64decode(access["payload"]["data"]).decode()
    assert payload == next(secret.payload for secret in seed.secret_manager.secrets if secret.name == "OPENAI-API")
    assert isinstance(access["payload"]["dataCrc32c"], str)


def test_the_project_number_names_the_same_project(secrets_api: httpx.Client) -> None:
    assert secrets_api.get("../979429709900/" + LATEST).status_code == 200


def test_an_error_has_googles_shape(secrets_api: httpx.Client) -> None:
    answer = secrets_api.get("secrets/ABSENT/versions/latest")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "code": 404,
            "message": "Secret [projects/979429709900/secrets/ABSENT] not found or has no versions.",
            "status": "NOT_FOUND",
        }
    }


@pytest.mark.parametrize("authorization", [None, "Bearer", "Basic abc", "Bearer other"])
def test_without_a_known_token_nothing_is_told(secret_manager_url: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    url = f"{secret_manager_url}/v1/projects/project38-483612/{LATEST}"

    answer = httpx.get(url, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "parsing JSON"),
        (b"[]", "JSON object"),
        (b"{}", "cannot be empty"),
        (b'{"payload": {"data": ""}}', "cannot be empty"),
        (b'{"payload": {"data": "***"}}', "Base64"),
        (b'{"payload": {"data": "%s"}}' % base64.b64encode(b"x" * 65_537), "65536"),
    ],
)
def test_a_bad_version_is_refused(secrets_api: httpx.Client, body: bytes, said: str) -> None:
    answer = secrets_api.post("secrets/OPENAI-API:addVersion", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("query", ["filter=colour:red", "filter=state>ENABLED", "pageToken=x", "pageSize=-1"])
def test_a_list_that_cannot_be_made_is_refused(secrets_api: httpx.Client, query: str) -> None:
    answer = secrets_api.get(f"secrets/OPENAI-API/versions?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_a_filter_that_finds_nothing_gives_an_empty_list(secrets_api: httpx.Client) -> None:
    assert secrets_api.get("secrets/OPENAI-API/versions?filter=state:DESTROYED").json() == {"totalSize": 0}


def test_the_last_page_names_no_next_one(secrets_api: httpx.Client) -> None:
    first = secrets_api.get("secrets?pageSize=4").json()
    last = secrets_api.get(f"secrets?pageSize=1&pageToken={first['nextPageToken']}").json()

    assert (len(first["secrets"]), len(last["secrets"])) == (4, 1)
    assert first["totalSize"] == last["totalSize"] == 5
    assert "nextPageToken" not in last


def test_a_stale_etag_stops_a_change(secrets_api: httpx.Client) -> None:
    etag = secrets_api.get(LATEST).json()["etag"]
    assert secrets_api.post("secrets/OPENAI-API/versions/1:disable", json={"etag": etag}).status_code == 200

    stale = secrets_api.post("secrets/OPENAI-API/versions/1:destroy", json={"etag": etag})

    assert stale.json()["error"]["status"] == "FAILED_PRECONDITION"
    assert secrets_api.get(LATEST).json()["state"] == "DISABLED"


@pytest.mark.parametrize("path", ["secrets/OPENAI-API:rotateSecret", "locations", "secrets/OPENAI-API:getIamPolicy"])
def test_an_operation_that_is_not_emulated_is_an_error(secrets_api: httpx.Client, path: str) -> None:
    assert secrets_api.post(path).status_code == 404


def test_calls_are_recorded_with_what_they_want(secrets_api: httpx.Client, calls: CallLog, seed: Seed) -> None:
    preview = {"Authorization": f"Bearer {seed.secret_manager.preview_token}"}
    secrets_api.get(LATEST)
    secrets_api.get(f"{LATEST}:access", headers=preview)
    secrets_api.post("secrets/OPENAI-API/versions/1:disable")

    assert [(call.operation, call.kind, call.authorised) for call in calls.list()] == [
        ("GetSecretVersion", "query", True),
        ("AccessSecretVersion", "query", False),
        ("DisableSecretVersion", "mutation", True),
    ]
    assert {call.service for call in calls.list()} == {"secret_manager"}


def test_a_fault_is_met_once(secrets_api: httpx.Client, faults: Faults) -> None:
    faults.add(Fault("secret_manager", "GetSecretVersion", "status", code=503, headers={"Retry-After": "1"}))

    faulty = secrets_api.get(LATEST)

    assert (faulty.status_code, faulty.json()["error"]["status"]) == (503, "UNAVAILABLE")
    assert faulty.headers["Retry-After"] == "1"
    assert secrets_api.get(LATEST).status_code == 200


def test_a_lost_answer_was_applied_all_the_same(secrets_api: httpx.Client, faults: Faults) -> None:
    faults.add(Fault("secret_manager", "DisableSecretVersion", "drop_after"))

    with pytest.raises(httpx.RemoteProtocolError):
        secrets_api.post("secrets/OPENAI-API/versions/1:disable")

    assert secrets_api.get(LATEST).json()["state"] == "DISABLED"


def test_a_generated_version_has_the_shape_of_its_secret(secret_manager: SecretManager) -> None:
    before = secret_manager.values()["OPENAI-API"]

    assert secret_manager.add_version("OPENAI-API") == 2

    after = secret_manager.values()["OPENAI-API"]
    assert after != before
    assert after.startswith("sk-proj-")
    assert len(after) == len(before)
    assert {before, after} <= secret_manager.store.every_payload()


def test_reset_brings_the_seed_back(secret_manager: SecretManager) -> None:
    before = secret_manager.values()
    secret_manager.add_version("OPENAI-API", "")
    secret_manager.store.delete("GEMINI-API")

    secret_manager.reset()

    assert secret_manager.values() == before
