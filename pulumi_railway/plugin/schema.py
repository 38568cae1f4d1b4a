"""The package's schema: what the engine asks for, and which outputs each resource and function has."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parent.parent / "schema.json"


@functools.cache
def text() -> str:
    """The schema as JSON."""
    return _FILE.read_text(encoding="utf-8")


def outputs(token: str) -> frozenset[str]:
    """The names of all outputs of a resource type."""
    return frozenset(_parsed()["resources"][token]["properties"])


def results(token: str) -> frozenset[str]:
    """The names of all results of a function."""
    return frozenset(_parsed()["functions"][token]["outputs"]["properties"])


@functools.cache
def _parsed() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(text())
    return schema
