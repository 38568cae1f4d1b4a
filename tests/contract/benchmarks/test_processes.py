"""Children end, and what went wrong with them is told."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks import processes
from benchmarks.figures import BenchmarkError

pytestmark = pytest.mark.contract

STUBBORN = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); signal.pause()"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with processes.child(python(STUBBORN), directory=tmp_path, environment=os.environ, log=log) as process:
        processes.wait_until(lambda: log.read_text() == "up\n", process, log, 10)
        assert process.poll() is None
    assert process.returncode == 0


def test_a_child_that_ends_too_early_is_told_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = python("print('no port'); raise SystemExit(3)")
    with processes.child(command, directory=tmp_path, environment=os.environ, log=log) as process:  # noqa: SIM117
        with pytest.raises(BenchmarkError, match=r"(?s)ended with status 3; .*no port"):
            processes.wait_until(lambda: False, process, log, 10)


def test_a_command_that_fails_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"(?s)ended with status 4; .*broken"):
        processes.timed(
            python("print('broken'); raise SystemExit(4)"),
            directory=tmp_path,
            environment=os.environ,
            log=tmp_path / "log",
        )


def test_cpu_time_counts_work_and_not_waiting(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ntime.sleep(60)"
    with processes.child(python(work), directory=tmp_path, environment=os.environ, log=log) as process:
        processes.wait_until(lambda: log.read_text() == "done\n", process, log, 30)
        worked = processes.cpu_seconds(process)
        time.sleep(0.1)
        assert worked >= 0.29
        assert processes.cpu_seconds(process) - worked <= 0.02


def test_byte_code_is_not_forbidden_to_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert processes.inherited() == {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}


def test_a_session_counts_its_leader_and_what_that_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = (
        "import os, time\nos.fork()\nkept = bytearray(20_000_000)\nwhile time.process_time() < 0.2: pass\n"
        "print('x', flush=True)\ntime.sleep(60)"
    )
    with processes.child(python(work), directory=tmp_path, environment=os.environ, log=log) as process:
        processes.wait_until(lambda: log.read_text() == "x\nx\n", process, log, 30)
        assert processes.session_cpu_seconds(process) >= processes.cpu_seconds(process) + 0.19
        assert processes.session_memory(process) > 40_000_000
