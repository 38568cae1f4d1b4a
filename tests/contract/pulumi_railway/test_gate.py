"""Gates are real processes: their verdicts, their output, their time, and that nothing of them stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pulumi_railway.errors import Cancelled
from pulumi_railway.gate import LARGEST_EVIDENCE, Gate, Judgement
from pulumi_railway.redaction import MASK, Redactor

pytestmark = pytest.mark.contract

SECRET = "sk-gate-secret-0001"


def judge(
    program: str, *, timeout: float = 20.0, environment: Mapping[str, str] | None = None, shown: list[str] | None = None
) -> Judgement:
    redactor = Redactor()
    redactor.register(SECRET)
    gate = Gate([sys.executable, "-c", program], environment or {}, timeout)
    return gate.judge((shown if shown is not None else []).append, threading.Event(), redactor)


@pytest.mark.parametrize(
    ("program", "verdict", "reason"),
    [
        ("pass", "accepted", "the gate accepted it"),
        ("raise SystemExit(1)", "refused", "the gate refused it"),
        ("raise SystemExit(2)", "cannot tell", "with exit status 2"),
        ("raise SystemExit(77)", "cannot tell", "with exit status 77"),
        ("import os; os.kill(os.getpid(), 15)", "cannot tell", "by signal SIGTERM"),
    ],
)
def test_the_exit_status_decides(program: str, verdict: str, reason: str) -> None:
    judgement = judge(program)
    assert judgement.verdict == verdict
    assert reason in judgement.reason


def test_its_lines_are_shown_without_secrets() -> None:
    shown: list[str] = []
    program = f"""
import sys
print("one", flush=True)
print("key {SECRET}", file=sys.stderr)
print("no newline", end="")
"""
    judge(program, shown=shown)
    assert shown == ["one", f"key {MASK}", "no newline"]


def test_lines_arrive_while_it_runs(tmp_path: Path) -> None:
    class Starting(list[str]):
        def append(self, line: str) -> None:
            super().append(line)
            (tmp_path / "go").touch()

    wait = f"""
import pathlib, time
print("first", flush=True)
while not pathlib.Path({str(tmp_path / "go")!r}).exists():
    time.sleep(0.01)
"""
    assert judge(wait, shown=Starting()).verdict == "accepted"


def test_its_evidence_comes_back_without_secrets() -> None:
    program = f"import json, os; json.dump({{'key': {SECRET!r}, 'n': 1}}, open(os.environ['GATE_EVIDENCE'], 'w'))"
    judgement = judge(program)
    assert json.loads(judgement.evidence or "") == {"key": MASK, "n": 1}


@pytest.mark.parametrize("content", ["no json", '"' + "x" * LARGEST_EVIDENCE + '"'])
def test_evidence_that_is_none_is_left_out(content: str) -> None:
    program = f"import os; open(os.environ['GATE_EVIDENCE'], 'w').write({content[:9]!r} + 'x' * {len(content)} + '\"')"
    assert judge(program).evidence is None


def test_its_environment_is_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_FOR_GATES", "x")
    shown: list[str] = []
    judge("import os; print(sorted(os.environ))", environment={"A": "1", "LC_CTYPE": "C.UTF-8"}, shown=shown)
    assert shown == ["['A', 'GATE_EVIDENCE', 'LC_CTYPE']"]


def test_the_time_is_limited_and_nothing_of_it_stays(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(file)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    judgement = judge(program, timeout=1.5)
    assert (judgement.verdict, judgement.reason) == ("cannot tell", "the gate did not end within 2 s")
    assert ended(int(file.read_text()))


def test_an_interrupt_ends_it() -> None:
    cancelled = threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    timer.start()
    with pytest.raises(Cancelled, match="Run again to judge it"):
        Gate([sys.executable, "-c", "import time; time.sleep(60)"], {}, 60.0).judge(print, cancelled, Redactor())
    timer.join()


def test_a_program_that_is_not_there_cannot_tell() -> None:
    judgement = Gate(["no-such-program"], {"PATH": os.defpath}, 5.0).judge(print, threading.Event(), Redactor())
    assert judgement == Judgement("cannot tell", "the gate no-such-program does not start: No such file or directory")


def ended(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if "State:\tZ" in (Path("/proc") / str(pid) / "status").read_text():
            return True
        time.sleep(0.02)
    return False


PLUGIN = """
import os, signal, sys, threading
from pulumi_railway.gate import Gate
from pulumi_railway.redaction import Redactor

def end(line):
    print(line, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

gate = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
Gate([sys.executable, "-c", gate], dict(os.environ), 60.0).judge(end, threading.Event(), Redactor())
"""


def test_a_gate_does_not_outlive_a_plugin_that_is_killed() -> None:
    killed = subprocess.run([sys.executable, "-c", PLUGIN], stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    end = time.monotonic() + 10
    while is_alive(int(killed.stdout)):
        assert time.monotonic() < end, "the gate goes on"
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Whether it runs; one that ended and whose status nobody asked for does not."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")
