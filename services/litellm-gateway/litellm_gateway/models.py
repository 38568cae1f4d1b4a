"""The models the gateway serves, as its two public answers name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OWNERS: Final = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
"""Who is behind a provider prefix of LiteLLM's model ids."""

CREATED: Final = 1705478400
"""Seconds since 1970, the same for every model: the field is part of the contract and says nothing."""


@dataclass(frozen=True)
class Model:
    """A name that clients may ask for; a hidden one is served but not listed."""

    name: str
    provider: str
    hidden: bool = False


def from_litellm(loaded: Sequence[Mapping[str, Any]] | None) -> tuple[Model, ...]:
    """The models LiteLLM has loaded, in order; none while it is still starting (its list is None)."""
    return tuple(
        Model(
            name=entry["model_name"],
            provider=entry["litellm_params"]["model"].partition("/")[0],
            hidden=entry.get("model_info", {}).get("discoverable") is False,
        )
        for entry in loaded or ()
    )


def health(models: Sequence[Model], *, stopping: bool = False) -> tuple[int, dict[str, Any]]:
    """Status code and body of `/health`: 200 once models are loaded, 503 before, and 503 while the gateway stops."""
    if stopping:
        return 503, {"status": "stopping", "models": []}
    if not models:
        return 503, {"status": "starting", "models": []}
    return 200, {"status": "healthy", "models": [model.name for model in models if not model.hidden]}


def listing(models: Sequence[Model]) -> dict[str, Any]:
    """Body of `/v1/models`."""
    return {
        "data": [
            {"id": model.name, "object": "model", "created": CREATED, "owned_by": OWNERS[model.provider]}
            for model in models
            if not model.hidden
        ]
    }
