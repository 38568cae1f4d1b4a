"""Runs the command that judges a deployment: exit status 0 accepts it, 1 refuses it, any other cannot tell."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal

from pulumi_railway.errors import Cancelled

if TYPE_CHECKING:
    from pulumi_railway.redaction import Redactor

Verdict = Literal["accepted", "refused", "cannot tell"]

EVIDENCE: Final = "GATE_EVIDENCE"
"""The environment variable that names the file a gate may write JSON to."""

LARGEST_EVIDENCE: Final = 256 * 1024
"""Bytes; evidence ends up in the state."""

_GRACE: Final = 5.0
"""Seconds between asking a gate to end and ending it."""

_REAPER: Final = 'read -r _; kill -KILL "-$1"'
"""Ends the gate's group once the pipe it reads from breaks: however this process ends, the gate does not outlive it."""

_TICK: Final = 0.05
"""Seconds between looks at whether the gate has ended or the run was interrupted."""


@dataclass(frozen=True)
class Judgement:
    """What a gate found; `evidence` is JSON text without secrets, None where it wrote none."""

    verdict: Verdict
    reason: str
    evidence: str | None = None


@dataclass(frozen=True)
class Gate:
    """A command with its whole environment; `timeout` in seconds."""

    command: Sequence[str]
    environment: Mapping[str, str]
    timeout: float

    def judge(self, show: Callable[[str], None], cancelled: threading.Event, redactor: Redactor) -> Judgement:
        """Run the command to its end and `show` each line it writes, without secrets. Raises `Cancelled`."""
        with tempfile.TemporaryDirectory(prefix="gate-") as directory:
            file = Path(directory) / "evidence.json"
            try:
                with _running(self.command, {**self.environment, EVIDENCE: str(file)}) as process:
                    status = self._follow(process, lambda line: show(redactor(line)), cancelled)
            except OSError as error:
                return Judgement("cannot tell", f"the gate {self.command[0]} does not start: {error.strerror}")
            verdict, reason = self._meaning(status)
            return Judgement(verdict, reason, _evidence(file, redactor))

    def _meaning(self, status: int | None) -> tuple[Verdict, str]:
        if status is None:
            return "cannot tell", f"the gate did not end within {self.timeout:.0f} s"
        if status == 0:
            return "accepted", "the gate accepted it"
        if status == 1:
            return "refused", "the gate refused it"
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
        return "cannot tell", f"the gate ended {how}"

    def _follow(
        self, process: subprocess.Popen[str], show: Callable[[str], None], cancelled: threading.Event
    ) -> int | None:
        """The exit status, None once the time is up."""
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            if cancelled.is_set():
                raise Cancelled("Interrupted while the gate ran; the deployment stays as it is. Run again to judge it.")
            with contextlib.suppress(queue.Empty):
                show(lines.get(timeout=_TICK))
                continue
            status = process.poll()
            if status is not None:
                return status
        return None


@contextlib.contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, so that nothing it started outlives it."""
    process = subprocess.Popen(  # noqa: S603 - the command is the user's own, given as a list
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        with _reaped(process):
            yield process
    finally:
        _end(process)


@contextlib.contextmanager
def _reaped(process: subprocess.Popen[str]) -> Iterator[None]:
    command = ["/bin/sh", "-c", _REAPER, "reaper", str(process.pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as reaper:  # noqa: S603 - fixed words
        try:
            yield
        finally:
            reaper.kill()


def _end(process: subprocess.Popen[str]) -> None:
    """End the whole group, politely first; a group that is gone is ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE)
    process.wait()


def _read(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip())


def _evidence(file: Path, redactor: Redactor) -> str | None:
    """The evidence as compact JSON without secrets; None where there is none, or it is too long or no JSON."""
    if not file.is_file() or file.stat().st_size > LARGEST_EVIDENCE:
        return None
    try:
        text = redactor(json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False))
        json.loads(text)
    except ValueError:
        return None
    return text
