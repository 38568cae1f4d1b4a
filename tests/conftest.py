"""Fixtures every tier shares."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_finish() -> None:
    """Keep what was imported out of every later collection of garbage, which takes a tenth of the time otherwise."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's directory, where Pulumi.yaml stands."""
    return ROOT
