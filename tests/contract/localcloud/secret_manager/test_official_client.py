"""The official client over REST, as the Railway plugin uses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.exceptions import RefreshError
from google.cloud.secretmanager_v1 import Replication, Secret, SecretManagerServiceClient, SecretPayload, SecretVersion
from google.oauth2.credentials import Credentials

from localcloud.core.calls import CallLog
from localcloud.core.seed import Seed

pytestmark = pytest.mark.contract

PROJECT = "projects/project38-483612"
NUMBERED = "projects/979429709900"
OPENAI = f"{PROJECT}/secrets/OPENAI-API"

AUTOMATIC = Secret(replication=Replication(automatic=Replication.Automatic()))

Connect = Callable[[str], SecretManagerServiceClient]


@pytest.fixture
def connect(secret_manager_url: str) -> Connect:
    def client(token: str) -> SecretManagerServiceClient:
        credentials = Credentials(token)  # type: ignore[no-untyped-call] # google-auth has no annotations
        options = ClientOptions(api_endpoint=secret_manager_url)
        return SecretManagerServiceClient(credentials=credentials, transport="rest", client_options=options)

    return client


@pytest.fixture
def client(connect: Connect, seed: Seed) -> SecretManagerServiceClient:
    return connect(seed.secret_manager.deploy_token)


def test_access_gives_the_payload_with_its_checksum(client: SecretManagerServiceClient, seed: Seed) -> None:
    answer = client.access_secret_version(name=f"{OPENAI}/versions/latest")

    wanted = next(secret.payload for secret in seed.secret_manager.secrets if secret.name == "OPENAI-API")
    assert answer.payload.data.decode() == wanted
    assert answer.name == f"{NUMBERED}/secrets/OPENAI-API/versions/1"
    assert answer.payload.data_crc32c > 0


def test_metadata_of_a_version_has_state_and_time_and_no_payload(client: SecretManagerServiceClient) -> None:
    version = client.get_secret_version(name=f"{OPENAI}/versions/latest")

    assert version.name == f"{NUMBERED}/secrets/OPENAI-API/versions/1"
    assert version.state is SecretVersion.State.ENABLED
    assert "createTime" in SecretVersion.to_json(version)
    assert version.replication_status.automatic is not None


def test_every_secret_and_version_is_listed_over_pages(client: SecretManagerServiceClient) -> None:
    for _ in range(3):
        client.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"next"))

    secrets = client.list_secrets(request={"parent": PROJECT, "page_size": 2})
    versions = client.list_secret_versions(request={"parent": OPENAI, "page_size": 3})

    assert {secret.name.rpartition("/")[2] for secret in secrets} == {
        "ANTHROPIC-API",
        "OPENAI-API",
        "GEMINI-API",
        "LITELLM-MASTER-KEY",
        "RAILWAY-API",
    }
    assert [version.name.rpartition("/")[2] for version in versions] == ["4", "3", "2", "1"]


def test_a_filter_picks_versions_by_state(client: SecretManagerServiceClient) -> None:
    client.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"next"))
    client.disable_secret_version(name=f"{OPENAI}/versions/1")

    enabled = client.list_secret_versions(request={"parent": OPENAI, "filter": "state:ENABLED"})

    assert [version.name.rpartition("/")[2] for version in enabled] == ["2"]


def test_a_new_version_becomes_the_latest(client: SecretManagerServiceClient) -> None:
    added = client.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"new"))

    assert added.name.endswith("/versions/2")
    assert client.access_secret_version(name=f"{OPENAI}/versions/latest").payload.data == b"new"


def test_a_wrong_checksum_is_refused(client: SecretManagerServiceClient) -> None:
    with pytest.raises(exceptions.BadRequest, match="checksum"):
        client.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"123456789", data_crc32c=1))

    good = client.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"123456789", data_crc32c=0xE3069283))
    assert good.client_specified_payload_checksum


def test_a_disabled_version_is_refused_until_it_is_enabled(client: SecretManagerServiceClient) -> None:
    name = f"{OPENAI}/versions/1"
    assert client.disable_secret_version(name=name).state is SecretVersion.State.DISABLED

    with pytest.raises(exceptions.BadRequest, match=f"{NUMBERED}/secrets/OPENAI-API/versions/1.* is in DISABLED"):
        client.access_secret_version(name=f"{OPENAI}/versions/latest")

    assert client.enable_secret_version(name=name).state is SecretVersion.State.ENABLED
    assert client.access_secret_version(name=name).payload.data


def test_a_destroyed_version_stays_destroyed(client: SecretManagerServiceClient) -> None:
    name = f"{OPENAI}/versions/1"
    destroyed = client.destroy_secret_version(name=name)

    assert destroyed.state is SecretVersion.State.DESTROYED
    assert "destroyTime" in SecretVersion.to_json(destroyed)
    with pytest.raises(exceptions.BadRequest, match="DESTROYED"):
        client.enable_secret_version(name=name)
    with pytest.raises(exceptions.BadRequest, match="DESTROYED"):
        client.access_secret_version(name=name)


def test_what_is_missing_is_not_found(client: SecretManagerServiceClient) -> None:
    client.create_secret(parent=PROJECT, secret_id="EMPTY", secret=AUTOMATIC)

    with pytest.raises(exceptions.NotFound, match=r"EMPTY.* has no versions"):
        client.get_secret_version(name=f"{PROJECT}/secrets/EMPTY/versions/latest")
    with pytest.raises(exceptions.NotFound, match="versions/9"):
        client.get_secret_version(name=f"{OPENAI}/versions/9")
    with pytest.raises(exceptions.NotFound, match="ABSENT"):
        client.get_secret(name=f"{PROJECT}/secrets/ABSENT")


def test_a_secret_is_created_once_and_deleted(client: SecretManagerServiceClient) -> None:
    request = {"parent": PROJECT, "secret_id": "NEW", "secret": AUTOMATIC}
    assert client.create_secret(request=request).name == f"{NUMBERED}/secrets/NEW"
    with pytest.raises(exceptions.Conflict, match="NEW"):
        client.create_secret(request=request)

    client.delete_secret(name=f"{PROJECT}/secrets/NEW")
    with pytest.raises(exceptions.NotFound):
        client.get_secret(name=f"{PROJECT}/secrets/NEW")


def test_the_preview_identity_reads_metadata_only(connect: Connect, seed: Seed) -> None:
    preview = connect(seed.secret_manager.preview_token)

    assert preview.get_secret_version(name=f"{OPENAI}/versions/latest").state is SecretVersion.State.ENABLED
    with pytest.raises(exceptions.Forbidden, match=r"'secretmanager.versions.access' denied .*OPENAI-API"):
        preview.access_secret_version(name=f"{OPENAI}/versions/latest")
    with pytest.raises(exceptions.Forbidden, match=r"secretmanager\.versions\.add"):
        preview.add_secret_version(parent=OPENAI, payload=SecretPayload(data=b"new"))


def test_an_unknown_token_is_refused(connect: Connect, calls: CallLog) -> None:
    with pytest.raises(RefreshError):  # the client tries to get a new token when one is refused with 401
        connect("somebody-else").get_secret_version(name=f"{OPENAI}/versions/latest")

    assert [call.authorised for call in calls.list()] == [False]


def test_another_project_is_denied(client: SecretManagerServiceClient) -> None:
    with pytest.raises(exceptions.Forbidden, match="projects/other/secrets/OPENAI-API"):
        client.get_secret(name="projects/other/secrets/OPENAI-API")
