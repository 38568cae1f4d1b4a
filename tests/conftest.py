"""Fixtures every tier shares."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pulumi_railway.handlers import fingerprints

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_finish() -> None:
    """Keep what was imported out of every later collection of garbage, which takes a tenth of the time otherwise."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's directory, where Pulumi.yaml stands."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def _cheap_fingerprints() -> Iterator[None]:
    """A fingerprint made in this process takes no time: a tenth of what the tests take otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "COST", 1)
        yield
