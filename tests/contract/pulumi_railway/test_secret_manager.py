"""Secret Manager through its official client: payloads, and what is wrong with references."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from localcloud.secret_manager.store import State
from pulumi_railway.redaction import MASK
from pulumi_railway.secret_manager import SecretError, SecretManager

pytestmark = pytest.mark.contract

GCP = "shop-123456"


def test_a_payload_is_read_and_known_to_the_redactor(cloud: Any) -> None:
    assert cloud.secrets.payload(cloud.reference("API")) == "sk-API-payload-0001"
    assert cloud.redactor("key sk-API-payload-0001.") == f"key {MASK}."


@pytest.mark.parametrize("checksum", ["1", None])
def test_a_payload_that_arrives_damaged_is_refused(cloud: Any, checksum: str | None) -> None:
    payload = {"data": base64.b64encode(b"sk-damaged").decode(), **({"dataCrc32c": checksum} if checksum else {})}
    body = json.dumps({"name": cloud.reference("API"), "payload": payload})
    headers = {"content-type": "application/json"}
    cloud.fault("AccessSecretVersion", "status", service="secret_manager", code=200, body=body, headers=headers)
    with pytest.raises(SecretError, match=r"arrived damaged \(checksum\)\. Run again"):
        cloud.secrets.payload(cloud.reference("API"))


def test_sound_references_have_no_problem_and_need_no_payload(cloud: Any) -> None:
    secrets = cloud.secret_manager("preview-token")
    assert secrets.verify([cloud.reference("API"), cloud.reference("MASTER"), cloud.reference("API")]) == []
    operations = [call.operation for call in cloud.calls.list()]
    assert operations == ["GetSecretVersion", "GetSecretVersion"]
    secrets.close()


@pytest.mark.parametrize(
    ("reference", "problem", "remedy"),
    [
        ("secrets/API", "'secrets/API' is no reference", "Write projects/P/secrets/S/versions/N"),
        (f"projects/{GCP}/secrets/NONE/versions/1", "does not exist in project", "gcloud secrets create NONE"),
        (f"projects/{GCP}/secrets/API/versions/7", "version 7 in project", "gcloud secrets versions list API"),
        (f"projects/{GCP}/secrets/EMPTY/versions/latest", "has no version", "gcloud secrets versions add EMPTY"),
        (f"projects/{GCP}/secrets/EMPTY", "has no version", "gcloud secrets versions add EMPTY"),
        (f"projects/{GCP}/secrets/API/versions/latest", "is not pinned", "gcloud secrets versions list API"),
        (f"projects/{GCP}/secrets/API", "is not pinned", "with a number"),
        (f"projects/{GCP}/secrets/OFF/versions/1", "is disabled", "gcloud secrets versions enable 1 --secret=OFF"),
        (f"projects/{GCP}/secrets/DEAD/versions/1", "is destroyed", "gcloud secrets versions add DEAD"),
        (
            "projects/elsewhere/secrets/API/versions/1",
            "roles/secretmanager.viewer is missing",
            "add-iam-policy-binding",
        ),
    ],
)
def test_each_problem_has_its_remedy(cloud: Any, reference: str, problem: str, remedy: str) -> None:
    arrange(cloud)
    [found] = cloud.secrets.verify([reference])
    assert found.reference == reference
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(("name", "problem"), [("OFF", "is disabled"), ("DEAD", "is destroyed")])
def test_a_payload_that_cannot_be_read_has_the_same_problem(cloud: Any, name: str, problem: str) -> None:
    arrange(cloud)
    with pytest.raises(SecretError, match=f"secret {name} version 1 in project {GCP} {problem}"):
        cloud.secrets.payload(cloud.reference(name))


def test_problems_come_in_the_order_of_the_references(cloud: Any) -> None:
    arrange(cloud)
    references = [cloud.reference(name) for name in ("DEAD", "API", "OFF")]
    assert [found.reference for found in cloud.secrets.verify(references)] == [references[0], references[2]]


def test_a_refused_credential_is_no_problem_of_a_secret(cloud: Any) -> None:
    secrets = cloud.secret_manager("nonsense-token")
    with pytest.raises(SecretError, match="credentials are refused") as caught:
        secrets.verify([cloud.reference("API")])
    assert "nonsense-token" not in str(caught.value)
    secrets.close()


def test_no_answer_is_no_problem_of_a_secret(cloud: Any) -> None:
    secrets = SecretManager(endpoint="http://127.0.0.1:9/v1/", access_token="deploy-token", timeout=1.0)
    for act in (lambda: secrets.payload(cloud.reference("API")), lambda: secrets.verify([cloud.reference("API")])):
        with pytest.raises(SecretError, match="Secret Manager cannot be asked"):
            act()
    secrets.close()


def arrange(cloud: Any) -> None:
    """Secrets without a version, disabled and destroyed."""
    store = cloud.manager.store
    for name in ("EMPTY", "OFF", "DEAD"):
        store.create(name)
    for name in ("OFF", "DEAD"):
        cloud.manager.add_version(name, "sk-x")
    store.set_state("OFF", "1", State.DISABLED)
    store.set_state("DEAD", "1", State.DESTROYED)
