"""The command as a process: exit status, lines as they happen, evidence, interrupts, broken pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.acceptance.__main__ import main
from tests.contract.acceptance.played_gateway import KEY, PlayedGateway, always, html

pytestmark = pytest.mark.contract

Start = Callable[..., subprocess.Popen[str]]
COMMAND = [sys.executable, "-m", "gateway.acceptance"]
PATIENCE = 30


@pytest.fixture
def process(root: Path, environment: Path) -> Start:
    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=root,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_a_pass_is_status_0_with_evidence_in_every_form(
    url: str, process: Start, environment: Path, tmp_path: Path
) -> None:
    files = [tmp_path / "evidence.json", tmp_path / "evidence.md"]
    ran = process(url, "--json", str(files[0]), "--markdown", str(files[1]))
    out, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (0, "")
    assert len(out.splitlines()) == 14
    assert files[0].read_text() == environment.read_text()
    assert json.loads(files[0].read_text())["verdict"] == "pass"
    assert files[1].read_text().startswith("# Acceptance: pass\n")
    for text in (out, files[0].read_text(), files[1].read_text()):
        assert KEY not in text


def test_a_fail_is_status_1(played: PlayedGateway, url: str, process: Start) -> None:
    played.plays["GET /v1/models"] = html()
    ran = process(url)
    out, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (1, "")
    assert "fail         models " in out


def test_a_mistake_is_status_2_and_says_what(process: Start) -> None:
    ran = process("https://gateway.example/v1")
    out, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, out) == (2, "")
    assert "has a path; give the gateway's own address" in err
    assert "Traceback" not in err


@pytest.fixture
def hanging(played: PlayedGateway) -> threading.Event:
    """Makes the model list hang until the client goes; the event tells that it was asked for."""
    asked = threading.Event()

    async def hang(request: Request) -> Response:
        asked.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()

    played.plays["GET /v1/models"] = hang
    return asked


def test_lines_come_as_they_happen_and_a_stop_keeps_what_is_known(
    url: str, process: Start, hanging: threading.Event, environment: Path
) -> None:
    with process(url) as ran:
        assert ran.stdout
        assert hanging.wait(PATIENCE)
        assert [ran.stdout.readline().split()[:2] for _ in range(2)] == [["pass", "build"], ["pass", "health"]]
        ran.send_signal(signal.SIGTERM)
        _, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (2, "")
    checks = json.loads(environment.read_text())["checks"]
    assert [check["verdict"] for check in checks[:3]] == ["pass", "pass", "cannot tell"]
    assert {check["detail"] for check in checks[2:]} == {"interrupted"}


def test_a_reader_that_goes_away_is_no_traceback(url: str, process: Start, hanging: threading.Event) -> None:
    with process(url) as ran:
        assert ran.stdout
        assert ran.stderr
        assert hanging.wait(PATIENCE)
        ran.stdout.close()
        ran.send_signal(signal.SIGINT)
        assert ran.stderr.read() == ""
    assert ran.returncode == 2


def test_output_that_cannot_show_a_character_is_no_traceback(played: PlayedGateway, url: str, process: Start) -> None:
    async def hebrew(request: Request) -> Response:
        return Response('{"status": "שלום"}', media_type="application/json")

    played.plays["GET /health"] = hebrew
    ran = process(url, PYTHONIOENCODING="ascii")
    out, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (1, "")
    assert '"status": "????"' in out


@pytest.mark.parametrize(("spoil", "status"), [(False, 2), (True, 1)])
def test_evidence_that_cannot_be_written_is_no_pass(
    *,
    played: PlayedGateway,
    url: str,
    environment: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: bool,
    status: int,
) -> None:
    def take_the_place() -> Response:
        (environment / "occupied").mkdir(parents=True)
        return Response(status_code=500 if spoil else 404)

    played.plays["GET /settings"] = always(take_the_place)
    assert main([url]) == status
    err = capsys.readouterr().err
    assert err.startswith(f"{environment}: the evidence is not written: ")
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [environment.name]
