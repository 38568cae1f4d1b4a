"""A played gateway on a port of its own, and the command run against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.acceptance.__main__ import main
from localcloud.core.server import ThreadedServer
from tests.contract.acceptance.played_gateway import KEY, PlayedGateway


@dataclass(frozen=True)
class Run:
    """What one run of the command left: exit status, lines shown, evidence."""

    status: int
    lines: list[str]
    evidence: dict[str, Any]

    def check(self, name: str) -> dict[str, Any]:
        """The evidence of one check."""
        (found,) = (check for check in self.evidence["checks"] if check["name"] == name)
        return dict(found)

    def other_than(self, verdict: str) -> list[str]:
        """The names of the checks that came to another verdict."""
        return [check["name"] for check in self.evidence["checks"] if check["verdict"] != verdict]


@pytest.fixture
def played() -> PlayedGateway:
    return PlayedGateway()


@pytest.fixture
def url(played: PlayedGateway) -> Iterator[str]:
    with ThreadedServer(played) as server:
        yield server.url


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The variables of a gate; returns the file that gets the evidence."""
    file = tmp_path / "gate.json"
    monkeypatch.setenv("GATEWAY_API_KEY", KEY)
    monkeypatch.setenv("GATEWAY_DEPLOYMENT_ID", "d-1")
    monkeypatch.setenv("GATE_EVIDENCE", str(file))
    return file


@pytest.fixture
def judge(environment: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Runs the command against a URL; `settle` is short, so that a wrong build is seen soon."""

    def run(url: str, *options: str) -> Run:
        status = main([url, "--settle", "0.5", *options])
        return Run(status, capsys.readouterr().out.splitlines(), json.loads(environment.read_text()))

    return run
