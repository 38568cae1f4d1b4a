"""The local cloud as a whole: it starts and leaves nothing, and its parts belong together."""

from __future__ import annotations

import threading
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from localcloud.cloud import LocalCloud
from localcloud.core.seed import SeedError
from localcloud.core.working_copy import WorkingCopyError

pytestmark = pytest.mark.contract


def test_nothing_outlives_it(repository: Path, tmp_path: Path) -> None:
    with LocalCloud(tmp_path, repository) as cloud:
        urls = asdict(cloud.endpoints).values()
        answers = [httpx.get(url).status_code for url in urls]
        assert Path(cloud.keyring.bundle).is_file()

    assert all(answer < 500 for answer in answers)
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "environments"}
    ports = {url.split(":")[2].partition("/")[0] for url in urls}
    assert not [thread for thread in threading.enumerate() if thread.name.removeprefix("server-") in ports]


def test_nothing_outlives_an_error(repository: Path, tmp_path: Path) -> None:
    urls = []

    def fail_within() -> None:
        with LocalCloud(tmp_path, repository) as cloud:
            urls.append(cloud.endpoints.control)
            raise RuntimeError("of the test")

    with pytest.raises(RuntimeError, match="of the test"):
        fail_within()

    with pytest.raises(httpx.ConnectError):
        httpx.get(urls[0])


def test_two_clouds_do_not_know_each_other(cloud: LocalCloud, repository: Path, tmp_path: Path) -> None:
    with LocalCloud(tmp_path, repository) as other:
        headers = {"Authorization": f"Bearer {cloud.keyring.deploy.github}"}
        assert httpx.get(f"{other.endpoints.github}/user", headers=headers).status_code == 401
        assert httpx.get(f"{cloud.endpoints.github}/user", headers=headers).status_code == 200


def test_the_environment_leads_to_it(cloud: LocalCloud) -> None:
    environment = cloud.environment("preview", {"PATH": "/bin"})

    assert environment["RAILWAY_API_URL"] == cloud.endpoints.railway
    assert environment["GITHUB_SHA"] == cloud.working_copy.head
    assert environment["GOOGLE_OAUTH_ACCESS_TOKEN"] == cloud.keyring.preview.secret_manager
    secret = "projects/project38-483612/secrets/RAILWAY-API/versions/latest"
    url = environment["GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"] + secret
    headers = {"Authorization": f"Bearer {environment['GOOGLE_OAUTH_ACCESS_TOKEN']}"}
    assert httpx.get(url, headers=headers).status_code == 200
    assert httpx.get(f"{url}:access", headers=headers).status_code == 403


def test_railway_accepts_the_token_in_secret_manager(cloud: LocalCloud) -> None:
    token = cloud.secret_manager.values()["RAILWAY-API"]

    answer = httpx.post(
        cloud.endpoints.railway,
        json={"query": "{projectToken{projectId environmentId}}"},
        headers={"Project-Access-Token": token},
    )

    assert answer.json() == {
        "data": {
            "projectToken": {
                "projectId": "95ec21cc-9ada-41c5-8485-12f9a00e0116",
                "environmentId": "99c99a18-aea2-4d01-9360-6a93705102a0",
            }
        }
    }


def test_providers_accept_the_keys_of_their_own_secrets_only(cloud: LocalCloud) -> None:
    old, body = cloud.secret_manager.values(), {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    cloud.secret_manager.add_version("OPENAI-API")
    new = cloud.secret_manager.values()["OPENAI-API"]

    def status(key: str) -> int:
        url = f"{cloud.endpoints.models}/openai/v1/chat/completions"
        return httpx.post(url, json=body, headers={"Authorization": f"Bearer {key}"}).status_code

    assert [status(key) for key in (old["OPENAI-API"], new, old["ANTHROPIC-API"], "sk-made-up")] == [200, 200, 401, 401]
    assert cloud.models.key_used("openai", "sk-made-up")


def test_a_bad_repository_or_seed_is_an_error_at_once(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkingCopyError):
        LocalCloud(tmp_path, tmp_path / "absent")
    with pytest.raises(SeedError):
        LocalCloud(tmp_path, repository, seed_file=tmp_path / "absent.yaml")
