"""A deployment in the whole cloud: it meets the other services, and ends with the cloud."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.cloud import LocalCloud

pytestmark = pytest.mark.contract

PATIENCE = 60.0
SERVICE = """mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }"""
DOMAIN = """mutation($input: ServiceDomainCreateInput!) { serviceDomainCreate(input: $input) { domain } }"""


def _ask(cloud: LocalCloud, query: str, **fields: Any) -> Any:
    headers = {"Project-Access-Token": cloud.keyring.deploy.railway}
    body = {"query": query, "variables": {"input": fields}}
    answer = httpx.post(cloud.endpoints.railway, json=body, headers=headers).json()
    assert "errors" not in answer, answer
    return answer["data"]


def _until(seen: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := seen()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def _deploy(cloud: LocalCloud) -> str:
    """The URL of a service that serves."""
    project, environment = cloud.seed.railway.project_id, cloud.seed.railway.environment_id
    source = {"repo": cloud.seed.github.repository}
    service = _ask(cloud, SERVICE, projectId=project, name="echo", source=source)["serviceCreate"]["id"]
    domain = _ask(cloud, DOMAIN, serviceId=service, environmentId=environment)["serviceDomainCreate"]["domain"]
    _until(lambda: [each["status"] for each in cloud.railway.deployments()] == ["SUCCESS"])
    return f"https://{domain}"


def _get(cloud: LocalCloud, url: str) -> httpx.Response:
    return httpx.get(url, verify=ssl.create_default_context(cafile=cloud.keyring.bundle))


def test_a_deployment_asks_the_local_models_and_ends_with_the_cloud(repository: Path, tmp_path: Path) -> None:
    with LocalCloud(tmp_path, repository) as cloud:
        url = _deploy(cloud)
        answer = _until(lambda: (found := _get(cloud, url)).status_code == 200 and found)
        trust = ssl.create_default_context(cafile=cloud.keyring.bundle)
        environment = answer.json()

    models = cloud.endpoints.models
    assert {name: value for name, value in environment.items() if name.endswith("_API_BASE")} == {
        "OPENAI_API_BASE": f"{models}/openai/v1",
        "ANTHROPIC_API_BASE": f"{models}/anthropic",
        "GEMINI_API_BASE": f"{models}/gemini/v1beta",
    }
    assert environment["RAILWAY_GIT_COMMIT_SHA"] == cloud.working_copy.head
    for gone in (url, f"http://127.0.0.1:{environment['PORT']}"):
        with pytest.raises(httpx.ConnectError):
            httpx.get(gone, verify=trust)
