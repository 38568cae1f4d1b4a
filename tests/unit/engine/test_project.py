"""Pulumi.yaml and the stack's file."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from localcloud.engine.errors import EngineError
from localcloud.engine.project import load_project, load_stack

pytestmark = pytest.mark.unit

PROJECT = """
name: demo
runtime: python
config:
  port: {type: integer, default: 4000, description: the port}
  active: {type: boolean, default: false}
  names: {type: object}
  list: {type: array, default: [1]}
  text: {type: string, default: "12"}
  probe:region: {value: eu}
"""
SALT = "v1:pJ4e7unbuNY=:v1:5V+GZ8oMlkVPxdhl:670RqhXgFWzSm/mzW3tPJEh2A9kqgg=="
SECURE = "v1:y11cDH8397PjGh0c:Z8lZuP5erY/MuGRPDwbGmQzXGWka9zyoz6uW"


def load(directory: Any, project: Any = PROJECT, stack: str = "", passphrase: Any = None) -> Any:
    (directory / "Pulumi.yaml").write_text(textwrap.dedent(project))
    (directory / "Pulumi.dev.yaml").write_text(textwrap.dedent(stack))
    found = load_project(directory)
    return found, load_stack(found, "dev", passphrase)


def test_values_and_defaults(tmp_path: Path) -> None:
    project, config = load(tmp_path, stack="config:\n  demo:names: {a: b}\n  demo:port: 5000\n  other:x: true\n")
    assert project.name == "demo"
    assert config.values == {
        "demo:names": '{"a":"b"}',
        "demo:port": "5000",
        "demo:active": "false",
        "demo:list": "[1]",
        "demo:text": "12",
        "probe:region": "eu",
        "other:x": "true",
    }
    assert config.of("other") == {"x": "true"}
    assert config.secret == frozenset()


def test_secure_values_are_decrypted_and_remembered_as_secret(tmp_path: Path) -> None:
    stack = f"encryptionsalt: {SALT}\nconfig:\n  demo:names: {{}}\n  demo:word:\n    secure: {SECURE}\n"
    _, config = load(tmp_path, stack=stack, passphrase="correct horse")
    assert config.values["demo:word"] == "hunter2 ✓"
    assert (config.secret, config.salt) == ({"demo:word"}, SALT)
    with pytest.raises(EngineError, match="passphrase"):
        load(tmp_path, stack=stack)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    stack = "config:\n  demo:port: x\n  demo:active: 1\n  demo:deep: {a: {secure: v1}}\n"
    with pytest.raises(EngineError) as error:
        load(tmp_path, stack=stack)
    text = str(error.value)
    assert "demo:names is missing in Pulumi.dev.yaml" in text
    assert "demo:port is 'x'; it must be of type integer" in text
    assert "demo:active is '1'; it must be of type boolean" in text
    assert "demo:deep: a secret inside an object" in text


def test_project_without_stack_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: {name: python, options: {virtualenv: .venv}}\n")
    project = load_project(tmp_path)
    assert project.runtime_options == {"virtualenv": ".venv"}
    assert load_stack(project, "dev", None).values == {}


def test_plugin_directories(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    plugins = "plugins:\n  providers:\n    - {name: p, path: bin}\n"
    project, _ = load(tmp_path, project=f"name: demo\nruntime: python\n{plugins}")
    assert project.plugins == {"p": tmp_path / "bin"}


@pytest.mark.parametrize(("text", "problem"), [
    ("name: demo\nruntime: nodejs\n", "runtime must be python"),
    ("runtime: python\n", "name is missing"),
    ("name: demo\nruntime: python\nmain: src\n", "main is not supported"),
    ("name: demo\nruntime: python\npackages: {a: b}\n", "'packages' is not supported"),
    ("name: demo\nruntime: python\nplugins: {analyzers: []}\n", "plugins.analyzers is not supported"),
    ("name: demo\nruntime: python\nplugins: {providers: [{name: a}]}\n", "needs a name and a path"),
    ("name: demo\nruntime: python\nplugins: {providers: [{name: a, path: x}]}\n", "is no directory"),
    ("name: demo\nruntime: python\nplugins: {providers: [{name: a, path: x, v: 1}]}\n", ": v is not supported"),
    ("a: [", "cannot be read"),
    ("[1]", "must hold a map"),
])  # fmt: skip
def test_unusable_projects_are_told_with_their_file(tmp_path: Path, text: str, problem: str | None) -> None:
    with pytest.raises(EngineError, match=problem) as error:
        load(tmp_path, project=text)
    assert str(tmp_path) in str(error.value)


def test_missing_project(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"There is no Pulumi.yaml"):
        load_project(tmp_path)


def test_other_secrets_providers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"secretsprovider 'gcpkms://x' is not supported"):
        load(tmp_path, project="name: demo\nruntime: python\n", stack="secretsprovider: gcpkms://x\n")
