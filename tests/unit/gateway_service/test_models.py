"""The two public bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from litellm_gateway import models
from litellm_gateway.models import Model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit


def loaded(service: Path) -> list[dict[str, Any]]:
    """LiteLLM's list for the shipped configuration: it keeps the entries of model_list as they are."""
    document = yaml.safe_load((service / "litellm-config.yaml").read_text())
    entries: list[dict[str, Any]] = document["model_list"]
    return entries


def test_the_shipped_models_give_the_contracts_bodies(service: Path) -> None:
    served = models.from_litellm(loaded(service))
    assert json.dumps(models.health(served)[1]) == (
        '{"status": "healthy", "models": ["claude-sonnet", "gpt-4o", "gemini-pro", "gemini-flash"]}'
    )
    assert [json.dumps(entry) for entry in models.listing(served)["data"]] == [
        '{"id": "claude-sonnet", "object": "model", "created": 1705478400, "owned_by": "anthropic"}',
        '{"id": "gpt-4o", "object": "model", "created": 1705478400, "owned_by": "openai"}',
        '{"id": "gemini-pro", "object": "model", "created": 1705478400, "owned_by": "google"}',
        '{"id": "gemini-flash", "object": "model", "created": 1705478400, "owned_by": "google"}',
    ]
    assert list(models.listing(served)) == ["data"]


@pytest.mark.parametrize("nothing", [None, []])
def test_nothing_is_served_before_litellm_has_loaded_its_models(nothing: list[Any] | None) -> None:
    assert models.from_litellm(nothing) == ()
    assert models.health(()) == (503, {"status": "starting", "models": []})


def test_hidden_models_are_served_and_not_listed() -> None:
    served = models.from_litellm(
        [{"model_name": "probe", "litellm_params": {"model": "openai/x"}, "model_info": {"discoverable": False}}]
    )
    assert served == (Model("probe", "openai", hidden=True),)
    assert models.health(served) == (200, {"status": "healthy", "models": []})
    assert models.listing(served) == {"data": []}
