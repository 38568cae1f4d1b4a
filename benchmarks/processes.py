"""Child processes that end with the block that started them, and the CPU time they took."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.figures import BenchmarkError

STOP_SECONDS: Final = 10.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
TAIL: Final = 15
_SESSION: Final = 3


@contextlib.contextmanager
def child(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` during the block, its output in `log`. At the end it is asked to stop, then killed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - commands of this package, no shell
            command, cwd=directory, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        _end(process)


def inherited() -> dict[str, str]:
    """This process's environment, without what would make children compile everything anew each time."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Poll `ready` every 10 ms. Raises BenchmarkError with the end of the log when it never is."""
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            what = (
                f"ended with status {process.poll()}" if process.poll() is not None else f"not ready in {seconds:g} s"
            )
            lines = log.read_text(errors="replace").splitlines()[-TAIL:]
            raise BenchmarkError("\n".join([f"{process.args!r}: {what}; the end of {log}:", *lines]))
        time.sleep(0.01)


def timed(command: Sequence[str], *, directory: Path, environment: Mapping[str, str], log: Path) -> float:
    """Run `command` to its end and return the seconds it took. Raises BenchmarkError where it fails."""
    started = time.perf_counter()
    with child(command, directory=directory, environment=environment, log=log) as process:
        status = process.wait()
    seconds = time.perf_counter() - started
    if status:
        lines = log.read_text(errors="replace").splitlines()[-TAIL:]
        raise BenchmarkError("\n".join([f"{command!r} ended with status {status}; the end of {log}:", *lines]))
    return seconds


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """CPU time of a running process so far, from Linux's /proc, in steps of a clock tick. Raises BenchmarkError."""
    return _cpu_seconds(_stat(process.pid))


def session_cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """The same of a child and all that it started and that still runs."""
    return sum(_cpu_seconds(_stat(pid)) for pid in _session(process))


def session_memory(process: subprocess.Popen[bytes]) -> int:
    """Bytes of memory of a child and all that it started; what several share counts once. Raises BenchmarkError."""
    return sum(_memory(pid) for pid in _session(process))


def _session(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes of the session that a child leads."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [pid for pid in pids if (stat := _stat_or_none(pid)) and int(stat[_SESSION]) == process.pid]


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError as error:
        raise BenchmarkError(f"the CPU time of a process is read from /proc, which is not here: {error}") from error
    return text.rpartition(")")[2].split()


def _stat_or_none(pid: int) -> list[str] | None:
    """A process that is listed may have ended by now."""
    with contextlib.suppress(BenchmarkError):
        return _stat(pid)
    return None


def _cpu_seconds(stat: list[str]) -> float:
    user, system = stat[11:13]
    return (int(user) + int(system)) / TICKS


def _memory(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError as error:
        raise BenchmarkError(f"the memory of a process is read from /proc, which does not tell: {error}") from error
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
