"""The state file on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud.engine.codec import Secret
from localcloud.engine.errors import EngineError
from localcloud.engine.state import Deployment, ResourceState
from localcloud.engine.store import Store

pytestmark = pytest.mark.unit

PROVIDER = ResourceState("urn:pulumi:dev::demo::pulumi:providers:p::p", "pulumi:providers:p", custom=True, id="1")
HOLDER = ResourceState("urn:pulumi:dev::demo::a:b:C::c", "a:b:C", custom=False, outputs={"x": Secret("canary")})


def resources(text: str) -> Any:
    return json.loads(text)["deployment"]["resources"]


def test_missing_file_is_an_empty_stack(tmp_path: Path) -> None:
    store = Store(tmp_path / "none.json", None)
    assert store.read("dev") == Deployment()
    assert store.packages() == set()
    assert not (tmp_path / "none.json").exists()


def test_written_state_is_read_again_by_another_run(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "dev.json"
    Store(file, "word").write(Deployment((PROVIDER, HOLDER)))
    assert "canary" not in file.read_text()
    assert [file.name for file in file.parent.iterdir()] == ["dev.json"], "no temporary file is left"
    found = Store(file, "word").read("dev")
    assert found.resources[1].outputs == {"x": Secret("canary")}
    assert Store(file, None).packages() == {"p"}
    first = file.read_text()
    again = Store(file, "word")
    again.write(again.read("dev"))
    assert resources(file.read_text()) == resources(first), "unchanged secrets keep their cipher text"


def test_what_a_killed_run_was_writing_is_replaced_and_nobody_else_may_read_the_state(tmp_path: Path) -> None:
    file, half = tmp_path / "dev.json", tmp_path / ".dev.json.new"
    half.write_text('{"version": 3, "deploy')
    half.chmod(0o644)
    store = Store(file, None)
    assert store.read("dev") == Deployment()
    store.write(Deployment((PROVIDER,)))
    assert [file.name for file in tmp_path.iterdir()] == ["dev.json"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_guard_that_raises_keeps_the_state_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    store = Store(file, None)
    store.write(Deployment((PROVIDER,)))

    def refuse() -> None:
        raise EngineError("no")

    store.guard = refuse
    with pytest.raises(EngineError, match="no"):
        store.write(Deployment())
    assert len(Store(file, None).read("dev").resources) == 1


def test_state_without_secrets_needs_no_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    Store(file, None).write(Deployment((PROVIDER,)))
    assert "secrets_providers" not in json.loads(file.read_text())["deployment"]
    assert len(Store(file, None).read("dev").resources) == 1


def test_secret_without_passphrase_leaves_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    Store(file, None).write(Deployment((PROVIDER,)))
    before = file.read_text()
    with pytest.raises(EngineError, match="PULUMI_CONFIG_PASSPHRASE"):
        Store(file, None).write(Deployment((PROVIDER, HOLDER)))
    assert file.read_text() == before
    assert [file.name for file in tmp_path.iterdir()] == ["dev.json"]


@pytest.mark.parametrize(("text", "problem"), [
    ("{", "is no JSON"),
    ("[]", "holds no deployment"),
    ('{"version": 2}', "format version 2"),
    ('{"version": 3, "deployment": {"secrets_providers": {"type": "cloud"}}}', "kept by the provider 'cloud'"),
])  # fmt: skip
def test_unusable_files_are_named(tmp_path: Path, text: str, problem: str | None) -> None:
    file = tmp_path / "dev.json"
    file.write_text(text)
    with pytest.raises(EngineError, match=problem) as error:
        Store(file, None).read("dev")
    assert str(file) in str(error.value)
    assert Store(file, None).packages() == set()


def test_file_of_another_stack(tmp_path: Path) -> None:
    Store(tmp_path / "x.json", None).write(Deployment((PROVIDER,)))
    with pytest.raises(EngineError, match="belongs to the stack dev, not to prod"):
        Store(tmp_path / "x.json", None).read("prod")


def test_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        Store(tmp_path / "file" / "dev.json", None).write(Deployment())
