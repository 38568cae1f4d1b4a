"""The source of a deployment, read from real checkouts and from plain directories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stacks import source

pytestmark = pytest.mark.unit

SERVICE = "services/gateway"


def git(directory: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(directory: Path, file: str, text: str) -> str:
    (directory / file).parent.mkdir(parents=True, exist_ok=True)
    (directory / file).write_text(text)
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "change")
    return git(directory, "rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    commit(tmp_path, f"{SERVICE}/Dockerfile", "FROM python:3.12-slim\n")
    return tmp_path


def test_the_head_is_deployed_where_no_commit_is_named(checkout: Path) -> None:
    head = git(checkout, "rev-parse", "HEAD")
    assert source.read(checkout, SERVICE, "").commit == head


def test_only_the_service_changes_the_tree(checkout: Path) -> None:
    before = source.read(checkout, SERVICE, "")
    commit(checkout, "README.md", "text")
    beside = source.read(checkout, SERVICE, "")
    assert beside.tree == before.tree
    assert beside.commit != before.commit
    commit(checkout, f"{SERVICE}/config.yaml", "a: 1")
    assert source.read(checkout, SERVICE, "").tree != before.tree


def test_a_named_commit_wins_over_the_head(checkout: Path) -> None:
    first = source.read(checkout, SERVICE, "")
    commit(checkout, f"{SERVICE}/config.yaml", "a: 1")
    assert source.read(checkout, SERVICE, first.commit) == first


def test_a_program_in_a_subdirectory_counts_from_itself(checkout: Path) -> None:
    commit(checkout, f"infra/{SERVICE}/Dockerfile", "FROM scratch\n")
    assert source.read(checkout / "infra", SERVICE, "").tree != source.read(checkout, SERVICE, "").tree


def test_uncommitted_changes_are_said(checkout: Path) -> None:
    assert source.read(checkout, SERVICE, "").warnings == ()
    (checkout / SERVICE / "new.py").write_text("x = 1")
    (warning,) = source.read(checkout, SERVICE, "").warnings
    assert "not committed" in warning


@pytest.mark.parametrize("name", ["railway.toml", f"{SERVICE}/railway.json"])
def test_a_railway_config_file_is_warned_of(checkout: Path, name: str) -> None:
    commit(checkout, name, "")
    (warning,) = source.read(checkout, SERVICE, "").warnings
    assert name in warning
    assert "2026-12-01" in warning


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("railway.toml", '[build]\nbuilder = "NIXPACKS"\n[deploy]\nnumReplicas = 2\n', "builder and numReplicas"),
        ("railway.json", '{"deploy": {"healthcheckPath": "/"}}', "overrides healthcheckPath of this program"),
        ("railway.toml", "no = [toml", "overrides settings of this program"),
        ("railway.json", "[]", "overrides settings of this program"),
        ("railway.json", '{"build": 1}', "overrides settings of this program"),
    ],
)
def test_the_settings_it_overrides_are_named(checkout: Path, name: str, text: str, said: str) -> None:
    commit(checkout, name, text)
    (warning,) = source.read(checkout, SERVICE, "").warnings
    assert said in warning


def test_a_missing_root_directory_stops_the_preview(checkout: Path) -> None:
    with pytest.raises(source.SourceError, match="services/elsewhere/Dockerfile is not in commit"):
        source.read(checkout, "services/elsewhere", "")


def test_a_commit_this_checkout_does_not_have_is_named(checkout: Path) -> None:
    with pytest.raises(source.SourceError, match="is not in commit aaaaaaaaaaaa"):
        source.read(checkout, SERVICE, "a" * 40)


def test_an_archive_needs_a_commit(tmp_path: Path) -> None:
    with pytest.raises(source.SourceError, match="is no git checkout"):
        source.read(tmp_path, SERVICE, "")


def test_an_archive_is_told_apart_by_its_files(tmp_path: Path) -> None:
    (tmp_path / SERVICE).mkdir(parents=True)
    (tmp_path / SERVICE / "Dockerfile").write_text("FROM scratch")
    before = source.read(tmp_path, SERVICE, "a" * 40)
    assert source.read(tmp_path, SERVICE, "b" * 40).tree == before.tree
    (tmp_path / SERVICE / "Dockerfile").write_text("FROM python")
    assert source.read(tmp_path, SERVICE, "a" * 40).tree != before.tree
