"""Runs that share a working directory: none touches another, and none leaves anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.core.rundirectory import run_directory

pytestmark = pytest.mark.contract


def test_two_runs_share_environments_and_nothing_else(tmp_path: Path) -> None:
    with run_directory(tmp_path) as one, run_directory(tmp_path) as two:
        assert one != two
        (one / "environments" / "made").touch()
        assert (two / "environments" / "made").exists()

    assert not one.exists()
    assert not two.exists()
    assert (tmp_path / "environments" / "made").exists()


def test_what_a_killed_run_left_is_removed_and_a_living_one_stays(tmp_path: Path) -> None:
    left = tmp_path / "run-killed"
    left.mkdir()
    (left / "key.pem").touch()

    with run_directory(tmp_path) as alive, run_directory(tmp_path):
        assert not left.exists()
        assert alive.exists()
