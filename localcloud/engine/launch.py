"""Find plugin executables as the Pulumi CLI does, start them early, and never leave one behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from localcloud.engine import environment
from localcloud.engine.errors import EngineError
from localcloud.engine.project import StackConfig

START_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 5.0
DEATH_SECONDS: Final = 1.0
"""How long a process takes to be gone after its connection broke."""
SHOWN_OUTPUT: Final = 2000
REAPER: Final = """
trap '' INT HUP TERM
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do kill -KILL "-$pid"; done
"""
"""Reads process groups from a pipe and ends them when the engine is gone, however it ended."""


@dataclass(frozen=True)
class Executable:
    """Where a plugin was found; `origin` says by which rule."""

    package: str
    path: Path
    origin: str


def locate(package: str, version: str, project_plugins: Mapping[str, Path]) -> Executable:
    """The executable of a package. Raises `EngineError` that says where it was looked for."""
    for executable in _candidates(package, version, project_plugins):
        if os.access(executable.path, os.X_OK):
            return executable
    wanted = f" {version}" if version else ""
    where = f"on PATH and in {environment.pulumi_home() / 'plugins'}"
    if package in project_plugins:
        where = f"in {project_plugins[package]}, where plugins.providers in Pulumi.yaml says it is"
    raise EngineError(f"There is no plugin pulumi-resource-{package}{wanted}: it was looked for {where}.")


def _candidates(package: str, version: str, project_plugins: Mapping[str, Path]) -> Iterator[Executable]:
    name = f"pulumi-resource-{package}"
    if package in project_plugins:
        yield Executable(package, project_plugins[package] / name, "Pulumi.yaml")
        return
    ambient = None if environment.ignores_ambient_plugins() else shutil.which(name, path=environment.search_path())
    if ambient:
        yield Executable(package, Path(ambient), "PATH")
    installed = environment.pulumi_home() / "plugins"
    for directory in [installed / f"resource-{package}-v{version}"] if version else _newest_first(installed, package):
        if not directory.with_name(f"{directory.name}.partial").exists():
            yield Executable(package, directory / name, "PULUMI_HOME")


def _newest_first(installed: Path, package: str) -> list[Path]:
    prefix = f"resource-{package}-v"
    found = [directory for directory in installed.glob(f"{prefix}*") if directory.is_dir()]

    def numbers(directory: Path) -> list[int]:
        return [int(part) for part in directory.name.removeprefix(prefix).split(".") if part.isdigit()]

    return sorted(found, key=numbers, reverse=True)


class PluginProcess:
    """A running plugin. Its output is kept aside and shown only when it dies too early."""

    def __init__(self, executable: Executable, process: subprocess.Popen[str], errors: IO[str]) -> None:
        self.executable = executable
        self.process = process
        self._errors = errors
        self._first_line = ""
        self._said_port = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"plugin {executable.package}", daemon=True)
        self._reader.start()

    def port(self) -> int:
        """The port it listens on, waiting until it says so. Raises `EngineError` when it dies or stays silent."""
        if not self._said_port.wait(START_SECONDS):
            raise EngineError(f"Plugin {self.executable.path} did not say its port within {START_SECONDS:.0f} s.")
        if not self._first_line.isdigit():
            what = f"said {self._first_line!r} instead of its port." if self._first_line else self.end(START_SECONDS)
            raise EngineError(f"Plugin {self.executable.path} {what}")
        return int(self._first_line)

    def end(self, within: float = DEATH_SECONDS) -> str:
        """How it ended, with its last output; nothing where it still lives after `within` seconds."""
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            return ""
        return f"ended with status {status}.{self._tail()}"

    def stop(self) -> None:
        """Interrupt it, wait up to 5 seconds, then kill it with everything it started."""
        self.signal(signal.SIGINT)
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self._reader.join(GRACE_SECONDS)
        self._errors.close()

    def signal(self, number: int) -> None:
        """Send a signal to it; one that has ended already is no error."""
        if self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def _read(self) -> None:
        with self.process.stdout or tempfile.TemporaryFile("r") as output:
            self._first_line = output.readline().strip()
            self._said_port.set()
            for _ in output:
                pass

    def _tail(self) -> str:
        self._errors.seek(0)
        text = self._errors.read().strip()
        return f" Its last output:\n{text[-SHOWN_OUTPUT:]}" if text else ""


class Launcher:
    """Starts plugin processes. One started ahead of time is handed to the first who asks for its package."""

    def __init__(
        self, project_plugins: Mapping[str, Path], directory: Path, engine: str, settings: dict[str, str]
    ) -> None:
        self._project_plugins = project_plugins
        self._directory = directory
        self._engine = engine
        self._settings = settings
        self._ahead: dict[str, PluginProcess] = {}
        self._running: list[PluginProcess] = []
        self._lock = threading.Lock()
        self._reaper: subprocess.Popen[str] | None = None

    def start_ahead(self, packages: Iterable[str], config: StackConfig) -> None:
        """Start the plugins that the run will likely need; a missing one is told when it is really needed."""
        for package in set(packages) - environment.debug_providers().keys():
            try:
                executable = locate(package, "", self._project_plugins)
            except EngineError:
                continue
            self._ahead[package] = self._start(executable, json.dumps(config.of(package)))

    def start(self, package: str, version: str, config: str) -> PluginProcess:
        """A process of the package's plugin; `config` is the JSON of its namespace of the stack's configuration."""
        with self._lock:
            executable = locate(package, version, self._project_plugins)
            ahead = self._ahead.pop(package, None)
            if ahead is not None and ahead.executable.path == executable.path:
                return ahead
            return self._start(executable, config)

    def kill(self) -> None:
        """Kill every process at once; calls in flight fail."""
        for process in self._running:
            process.signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop every process, all at once."""
        threads = [threading.Thread(target=process.stop) for process in self._running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._running.clear()
        if self._reaper is not None:
            self._reaper.kill()
            self._reaper.communicate()
            self._reaper = None

    def _start(self, executable: Executable, config: str) -> PluginProcess:
        environ = environment.for_plugin({**self._settings, "PULUMI_CONFIG": config})
        errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the process has been stopped
        try:
            process = subprocess.Popen(  # noqa: S603 - the plugin that the user installed
                [executable.path, self._engine],
                cwd=self._directory,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                process_group=0,
            )
        except OSError as error:
            errors.close()
            raise EngineError(f"Plugin {executable.path} cannot be started: {error.strerror}.") from error
        self._tell_reaper(process.pid)
        started = PluginProcess(executable, process, errors)
        self._running.append(started)
        return started

    def _tell_reaper(self, pid: int) -> None:
        if self._reaper is None:
            self._reaper = subprocess.Popen(  # noqa: S603 - fixed words
                ["/bin/sh", "-c", REAPER],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                process_group=0,
            )
        if self._reaper.stdin is not None:
            self._reaper.stdin.write(f"{pid}\n")
            self._reaper.stdin.flush()


def installed_packages() -> list[str]:
    """The packages of the Python distributions that say they need a plugin."""
    files = [file for entry in sys.path if entry for file in Path(entry).glob("*/pulumi-plugin.json")]
    return [str(json.loads(file.read_text()).get("name")) for file in files]
