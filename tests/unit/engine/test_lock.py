"""One run at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from localcloud.engine.errors import EngineError
from localcloud.engine.lock import Lock

pytestmark = pytest.mark.unit


@pytest.fixture
def state(tmp_path: Path) -> Any:
    return tmp_path / "deep" / "dev.json"


def test_second_holder_is_told_about_the_first(state: Any) -> None:
    with Lock(state).held("up"):
        expected = rf"locked by process {os.getpid()} on .* \(up, for 0 s\)"
        with pytest.raises(EngineError, match=expected), Lock(state).held("destroy"):
            pass
    lock = Lock(state)
    with lock.held("up"):
        assert lock.left_behind == ""
    assert [file.name for file in state.parent.iterdir()] == []


def test_lock_is_given_back_after_an_error(state: Any) -> None:
    with pytest.raises(RuntimeError), Lock(state).held("up"):
        raise RuntimeError
    assert [file.name for file in state.parent.iterdir()] == []


def test_file_of_a_dead_run_is_explained_and_does_not_block(state: Any) -> None:
    state.parent.mkdir()
    left = {"pid": 1, "host": "elsewhere", "since": "2026-01-01T00:00:00+00:00", "command": "up"}
    state.with_name("dev.json.lock").write_text(json.dumps(left))
    lock = Lock(state)
    with lock.held("up"):
        assert lock.left_behind.startswith("process 1 on elsewhere (up, for ")


def test_lock_of_a_dead_run_can_be_taken_away(state: Any) -> None:
    lock = Lock(state)
    assert "is not locked" in lock.take_away(force=False)
    state.parent.mkdir()
    state.with_name("dev.json.lock").write_text("")
    assert "is dead" in lock.take_away(force=False)
    assert [file.name for file in state.parent.iterdir()] == []


def test_lock_of_a_live_run_is_taken_away_by_force_only(state: Any) -> None:
    first = Lock(state)
    with first.held("up"):
        with pytest.raises(EngineError, match=rf"process {os.getpid()} .* is alive.*--force"):
            Lock(state).take_away(force=False)
        first.require()
        assert f"process {os.getpid()}" in Lock(state).take_away(force=True)
        with pytest.raises(EngineError, match="was taken away from this run"):
            first.require()
        with Lock(state).held("up"):
            assert len([file.name for file in state.parent.iterdir()]) == 1
    assert [file.name for file in state.parent.iterdir()] == []


def test_first_holder_does_not_remove_the_lock_of_a_second_one(state: Any) -> None:
    first = Lock(state).held("up")
    first.__enter__()
    Lock(state).take_away(force=True)
    with Lock(state).held("destroy"):
        first.__exit__(None, None, None)
        assert [file.name for file in state.parent.iterdir()] == ["dev.json.lock"]


def test_unreadable_content_does_not_matter(state: Any) -> None:
    state.parent.mkdir()
    state.with_name("dev.json.lock").write_text("{")
    with Lock(state).held("up"):
        pass
