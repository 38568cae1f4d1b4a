"""Python environments made from locks, kept and shared: one directory for each lock and Python version."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localcloud.railway.runner.errors import BuildError
from localcloud.railway.runner.process import Process

_POLL = 0.1


@dataclass(frozen=True)
class Install:
    """What to install: the text of a lock, and the options of pip that change what comes out of it."""

    lock: str = ""
    options: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the directory for it."""
        parts = (self.lock, *self.options, sys.version, sys.platform)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class Environments:
    """The environments in `directory`. Several threads and processes may ask for the same one at the same time.

    `uv` is the program that installs; None leaves it to pip.
    """

    def __init__(self, directory: Path, uv: str | None) -> None:
        self._directory = directory
        self._uv = uv

    def get(self, install: Install, log: Callable[[str], None], check: Callable[[], None]) -> Path:
        """The directory of the environment, made where it is not there yet.

        `log` gets what the installer says; `check` is called while waiting and raises to give up. Raises `BuildError`
        where the installation fails.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        directory = self._directory.resolve()  # scripts in it name their own path, which must outlive a link to it
        environment = directory / install.key
        complete = environment / ".complete"
        with _locked(directory / f"{install.key}.lock", check):
            if complete.exists():
                log(f"environment {install.key} from the cache")
                return environment
            shutil.rmtree(environment, ignore_errors=True)
            for command in _commands(environment, install, self._uv):
                _run(command, directory, log, check)
            complete.touch()
        return environment


def _commands(environment: Path, install: Install, uv: str | None) -> Iterator[Sequence[str]]:
    python = str(environment / "bin" / "python")
    lock = environment.with_suffix(".txt")
    lock.write_text(install.lock, encoding="utf-8")
    if uv is None:
        yield [sys.executable, "-m", "venv", "--without-pip", str(environment)]
        yield [sys.executable, "-m", "pip", "--python", python, "install", *install.options, "-r", str(lock)]
        return
    trusting = ["env", "UV_SYSTEM_CERTS=1", uv]  # trust what this machine trusts
    yield [*trusting, "venv", "--no-project", "--python", sys.executable, str(environment)]
    install_command = ["pip", "install", "--compile-bytecode", "--python", python]
    yield [*trusting, *install_command, *install.options, "-r", str(lock)]


def find_uv() -> str | None:
    """The uv beside this Python, else the one on PATH."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _run(command: Sequence[str], directory: Path, log: Callable[[str], None], check: Callable[[], None]) -> None:
    process = Process(command, directory, None, lambda _, line: log(line))
    try:
        while process.wait(_POLL) is None:
            check()
    finally:
        status = process.close()
    if status:
        raise BuildError(f"the installation ended with exit status {status}; the lines above say why")


@contextmanager
def _locked(file: Path, check: Callable[[], None]) -> Iterator[None]:
    """Hold the lock on `file`; it is gone when this process is, however that ends."""
    with file.open("w") as handle:
        while True:
            check()
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_POLL)
        yield
