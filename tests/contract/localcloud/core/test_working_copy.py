"""The working copy: what is committed counts, and without git the files do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from localcloud.core.working_copy import WorkingCopy, WorkingCopyError

pytestmark = pytest.mark.contract

SERVICE = "services/gateway"


@pytest.fixture
def files(checkout: Path) -> Path:
    """The same files without git."""
    shutil.rmtree(checkout / ".git")
    return checkout


def _commit(checkout: Path, message: str) -> None:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    for words in (("add", "-A"), (*who, "commit", "-q", "-m", message)):
        subprocess.run(["git", "-C", str(checkout), *words], check=True)


def test_the_commit_is_deployed_not_what_lies_about(checkout: Path, tmp_path: Path) -> None:
    (checkout / SERVICE / "Dockerfile").write_text("FROM changed\n")
    (checkout / SERVICE / "new").touch()
    copy = WorkingCopy(checkout)

    copy.export(copy.head, SERVICE, tmp_path / "out")

    assert [file.name for file in (tmp_path / "out").iterdir()] == ["Dockerfile"]
    assert (tmp_path / "out" / "Dockerfile").read_text() == "FROM scratch\n"
    assert copy.uncommitted() == [f"{SERVICE}/Dockerfile", f"{SERVICE}/new"]
    assert copy.notices() == [f"2 files differ from the commit {copy.head[:12]}; what is committed is deployed"]


def test_a_new_commit_is_seen_at_once_and_the_old_one_stays(checkout: Path, tmp_path: Path) -> None:
    copy = WorkingCopy(checkout)
    old = copy.head
    assert copy.notices() == []

    (checkout / SERVICE / "new").touch()
    _commit(checkout, "Add a file")

    assert copy.head != old
    assert copy.has(old)
    assert copy.commit(copy.head).parents == (old,)
    copy.export(old, SERVICE, tmp_path / "old")
    assert not (tmp_path / "old" / "new").exists()


@pytest.mark.parametrize("sha", ["0" * 40, "main", "HEAD", "", "--help"])
def test_what_is_no_commit_is_not_there(checkout: Path, tmp_path: Path, sha: str) -> None:
    copy = WorkingCopy(checkout)

    assert not copy.has(sha)
    with pytest.raises(WorkingCopyError, match="has no commit"):
        copy.export(sha, SERVICE, tmp_path / "out")


@pytest.mark.parametrize("path", ["absent", f"{SERVICE}/Dockerfile", "../outside"])
def test_a_directory_that_is_not_in_the_commit_is_an_error(checkout: Path, tmp_path: Path, path: str) -> None:
    copy = WorkingCopy(checkout)

    with pytest.raises(WorkingCopyError, match="has no directory"):
        copy.export(copy.head, path, tmp_path / "out")


def test_without_git_the_files_are_the_one_commit(files: Path, tmp_path: Path) -> None:
    copy = WorkingCopy(files)
    before = copy.head

    copy.export(before, SERVICE, tmp_path / "out")
    assert (tmp_path / "out" / "Dockerfile").exists()
    assert (len(before), copy.has(before), copy.uncommitted()) == (40, True, [])
    assert copy.notices() == [f"{files} is no git checkout: its files are deployed as they are"]

    (files / SERVICE / "new").touch()
    assert copy.head != before
    assert not copy.has(before)


def test_without_git_what_is_built_is_no_source(files: Path) -> None:
    copy = WorkingCopy(files)
    before = copy.head

    for built in (".venv/python", "build/out", f"{SERVICE}/__pycache__/x.pyc"):
        (files / built).parent.mkdir(parents=True)
        (files / built).touch()

    assert copy.head == before


def test_without_git_a_link_in_a_circle_does_no_harm(files: Path) -> None:
    before = WorkingCopy(files).head
    (files / "circle").symlink_to(files)

    assert WorkingCopy(files).head == before


def test_without_git_nothing_outside_is_given(files: Path, tmp_path: Path) -> None:
    copy = WorkingCopy(files)

    with pytest.raises(WorkingCopyError, match="has no directory"):
        copy.export(copy.head, "..", tmp_path / "out")


def test_a_subdirectory_of_a_checkout_is_a_working_copy(checkout: Path, tmp_path: Path) -> None:
    copy = WorkingCopy(checkout / "services")

    copy.export(copy.head, "gateway", tmp_path / "out")

    assert (tmp_path / "out" / "Dockerfile").exists()


def test_git_variables_of_a_hook_do_not_lead_elsewhere(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = WorkingCopy(checkout).head
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert WorkingCopy(checkout).head == head


def test_a_checkout_without_a_commit_is_an_error(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    with pytest.raises(WorkingCopyError, match="git cannot tell what is committed"):
        WorkingCopy(tmp_path)


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkingCopyError, match="is no directory"):
        WorkingCopy(tmp_path / "absent")
