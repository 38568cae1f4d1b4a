"""The Dockerfile keeps its promises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from litellm_gateway import settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit


@pytest.fixture
def instructions(service: Path) -> list[tuple[str, str]]:
    lines = (service / "Dockerfile").read_text().splitlines()
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, arguments) for name, _, arguments in pairs]


def only(instructions: list[tuple[str, str]], name: str) -> str:
    (value,) = [arguments for instruction, arguments in instructions if instruction == name]
    return value


def test_the_base_is_exact(instructions: list[tuple[str, str]]) -> None:
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+@sha256:[0-9a-f]{64}", only(instructions, "FROM"))


def test_it_runs_the_gateway_directly_and_not_as_root(instructions: list[tuple[str, str]]) -> None:
    assert only(instructions, "CMD") == '["python", "-m", "litellm_gateway"]'
    assert only(instructions, "USER") not in {"root", "0"}
    names = [name for name, _ in instructions]
    assert names.index("USER") < names.index("CMD")


def test_only_what_the_lock_names_is_installed(instructions: list[tuple[str, str]], service: Path) -> None:
    installs = [arguments for name, arguments in instructions if name == "RUN" and "install" in arguments]
    assert installs == ["pip install --no-cache-dir --compile --require-hashes -r requirements.txt"]
    pinned = re.findall(r"^litellm==(\S+)", (service / "requirements.txt").read_text(), re.MULTILINE)
    asked = re.findall(r"^litellm\[proxy\]==(\S+)", (service / "requirements.in").read_text(), re.MULTILINE)
    assert pinned == asked
    assert pinned[0] not in {"1.82.7", "1.82.8", "1.107.0"}


def test_litellms_switches_are_those_of_the_settings(instructions: list[tuple[str, str]]) -> None:
    pairs = [pair.partition("=") for name, text in instructions if name == "ENV" for pair in text.split()]
    set_here = {name: value for name, _, value in pairs}
    assert {name: set_here.get(name) for name in settings.LITELLM_SWITCHES} == settings.LITELLM_SWITCHES


def test_everything_the_image_copies_exists_and_is_not_ignored(
    instructions: list[tuple[str, str]], service: Path
) -> None:
    kept = (service / ".dockerignore").read_text().splitlines()
    for name, arguments in instructions:
        if name == "COPY":
            source = arguments.split()[0].rstrip("/")
            assert (service / source).exists()
            assert f"!{source}" in kept
