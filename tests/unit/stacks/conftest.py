"""A stack's configuration as the engine hands it to the program: the stack file over the defaults of Pulumi.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import config, mocks

PROJECT = "litellm-gateway"


@pytest.fixture
def production(root: Path) -> dict[str, Any]:
    """Setting -> value of the production stack, without the namespace."""
    declared = yaml.safe_load((root / "Pulumi.yaml").read_text())["config"]
    values = {key: spec["default"] for key, spec in declared.items() if "default" in spec}
    stack = yaml.safe_load((root / "Pulumi.production.yaml").read_text())["config"]
    return values | {key.removeprefix(f"{PROJECT}:"): value for key, value in stack.items()}


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, sdk_loops: None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Set the stack's configuration; the environment names no commit."""
    monkeypatch.delenv("GITHUB_SHA", raising=False)

    def apply(values: dict[str, Any]) -> None:
        pulumi.runtime.set_mocks(_NoResources(), project=PROJECT, stack="production")
        named = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in values.items()}
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in named.items()}
        config.set_all_config(texts)

    yield apply
    config.set_all_config({})


class _NoResources(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"reading settings registered {args.typ}")

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"reading settings called {args.token}")
