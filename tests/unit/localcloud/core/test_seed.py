"""The seed: names and ids as they are in reality, values new at every start."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.core import seed
from localcloud.core.payloads import SHAPES, generate

pytestmark = pytest.mark.unit

SECRETS = {"ANTHROPIC-API", "OPENAI-API", "GEMINI-API", "LITELLM-MASTER-KEY", "RAILWAY-API"}


def test_names_and_ids_are_those_of_the_deployment_plan() -> None:
    loaded = seed.load()

    assert loaded.railway.project_id == "95ec21cc-9ada-41c5-8485-12f9a00e0116"
    assert loaded.railway.environment_id == "99c99a18-aea2-4d01-9360-6a93705102a0"
    assert loaded.railway.environment_name == "production"
    assert loaded.secret_manager.project_id == "project38-483612"
    assert loaded.secret_manager.project_number == "979429709900"
    assert loaded.github.repository == loaded.railway.repository == "edri2or-commits/project38-or"
    assert {secret.name for secret in loaded.secret_manager.secrets} == SECRETS


def test_values_are_new_at_every_start() -> None:
    payloads = [{secret.payload for secret in seed.load().secret_manager.secrets} for _ in range(2)]

    assert len(payloads[0]) == len(SECRETS)
    assert not payloads[0] & payloads[1]


def test_the_railway_secret_is_the_token_that_railway_accepts() -> None:
    loaded = seed.load()
    payload = next(secret.payload for secret in loaded.secret_manager.secrets if secret.name == "RAILWAY-API")

    assert payload == loaded.railway.project_token


def test_no_value_is_shown() -> None:
    loaded = seed.load()
    shown = repr(loaded)
    hidden = {secret.payload for secret in loaded.secret_manager.secrets}
    hidden |= {loaded.secret_manager.deploy_token, loaded.github.deploy_token, loaded.railway.account_token}

    assert not [value for value in hidden if value in shown]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_payload_has_no_flaw_that_a_deployment_would_refuse(shape: str) -> None:
    payload = generate(shape)

    assert payload.isascii()
    assert payload == payload.strip()
    assert len(payload) >= 30
    assert not set(payload) & set(" \t\r\n\"'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("railway: [", "seed.yaml"),
        ("railway: {}", "missing or has the wrong form"),
        ("[]", "missing or has the wrong form"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text)

    with pytest.raises(seed.SeedError, match=said):
        seed.load(file)


def test_an_unknown_shape_is_named(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(seed.DEFAULT.read_text().replace("shape: openai", "shape: square"))

    with pytest.raises(seed.SeedError, match="OPENAI-API: no shape 'square'"):
        seed.load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(seed.SeedError, match=r"absent\.yaml"):
        seed.load(tmp_path / "absent.yaml")
