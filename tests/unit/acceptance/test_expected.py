"""What is judged is what the service declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.acceptance.expected import EXPECTED

pytestmark = pytest.mark.unit

OWNERS = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}


@pytest.fixture(scope="module")
def config(root: Path) -> dict[str, Any]:
    declared: dict[str, Any] = yaml.safe_load((root / "services/litellm-gateway/litellm-config.yaml").read_text())
    return declared


def test_the_listed_models_and_their_owners(config: dict[str, Any]) -> None:
    listed = [
        (entry["model_name"], OWNERS[entry["litellm_params"]["model"].partition("/")[0]])
        for entry in config["model_list"]
        if entry.get("model_info", {}).get("discoverable", True)
    ]
    assert [(model.name, model.owner) for model in EXPECTED.models] == listed


def test_the_probe_route_and_what_stands_in(config: dict[str, Any]) -> None:
    probes = [entry for entry in config["model_list"] if entry["model_name"] == EXPECTED.fallback_probe.name]
    assert [probe["litellm_params"]["api_base"] for probe in probes] == ["http://127.0.0.1:1/v1"]
    fallbacks = {name: models for entry in config["router_settings"]["fallbacks"] for name, models in entry.items()}
    assert fallbacks[EXPECTED.fallback_probe.name] == [EXPECTED.stand_in.name]


def test_no_call_asks_for_more_than_the_gateway_gives(config: dict[str, Any]) -> None:
    asked = {*EXPECTED.models, EXPECTED.fallback_probe}
    assert max(model.max_tokens for model in asked) <= config["gateway"]["max_answer_tokens"]


def test_no_door_is_one_that_must_be_open() -> None:
    assert not {door.path for door in EXPECTED.closed_doors} & {"/health", "/v1/models", "/v1/chat/completions"}
    assert len(set(EXPECTED.closed_doors)) == len(EXPECTED.closed_doors)
