"""Builds an image from a Dockerfile without a container engine.

The file system of the image is a plain directory, Python and its packages are an environment beside it, and paths in
ENV and CMD that exist in the image become paths of this machine. Of RUN, `pip install` from a lock and `python` are
carried out; an account is not made, because the process runs as the user of this machine. The base is an image of
Python, or one of Redis where this machine has a redis-server. All else is refused.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from localcloud.railway.runner.dockerfile import Instruction, commands, expand, parse
from localcloud.railway.runner.environment import Environments, Install
from localcloud.railway.runner.errors import BuildError
from localcloud.railway.runner.ignore import remove_ignored
from localcloud.railway.runner.process import Process
from localcloud.railway.state.model import Image

_BASE = re.compile(r"(?:docker\.io/)?(?:library/)?python:(\d+\.\d+)[^\s@]*(?:@sha256:[0-9a-f]{64})?")
_REDIS = re.compile(r"(?:docker\.io/)?(?:library/)?redis:(\d+\.\d+)[^\s@]*(?:@sha256:[0-9a-f]{64})?")
_NO_EFFECT = frozenset({"USER", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "LABEL"})
_PYTHON = frozenset({"python", "python3"})
_POLL = 0.05
_ACCOUNTS = frozenset({"useradd", "groupadd", "adduser", "addgroup"})
_PIP = (["pip", "install"], ["pip3", "install"], ["python", "-m", "pip", "install"])
_HARMLESS = ("--no-cache-dir", "--disable-pip-version-check", "--root-user-action", "--compile", "--quiet", "-q")
_MEANT = ("--require-hashes", "--no-deps", "--only-binary")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class ImageBuilder:
    """One build: `context` is the source, `root` becomes the file system, `log` gets the lines of the build log."""

    def __init__(
        self,
        context: Path,
        root: Path,
        environments: Environments,
        log: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        self._context = context
        self._root = root
        self._environments = environments
        self._log = log
        self._check = check
        self._working_directory = PurePosixPath("/")
        self._environment: dict[str, str] = {}
        self._command: tuple[str, ...] = ()
        self._packages: Path | None = None
        self._builders = {
            "WORKDIR": self._change_directory,
            "ENV": self._set,
            "COPY": self._copy,
            "RUN": self._run,
            "CMD": self._start_with,
        }

    def build(self, dockerfile: str) -> Image:
        """The image that the file at `dockerfile`, seen from the context, describes. Raises `BuildError`."""
        file = (self._context / dockerfile.lstrip("/")).resolve()
        if not file.is_file() or not file.is_relative_to(self._context.resolve()):
            raise BuildError(
                f"there is no {dockerfile} in the root directory: this Railway builds from Dockerfiles only"
            )
        instructions = parse(file.read_text(encoding="utf-8", errors="replace"))
        remove_ignored(self._context)
        self._root.mkdir(parents=True)
        for number, instruction in enumerate(instructions, 1):
            self._check()
            self._log(f"[{number}/{len(instructions)}] {instruction.keyword} {instruction.rest}")
            if (number == 1) != (instruction.keyword == "FROM"):
                raise instruction.fail("there must be one FROM, and it must come first")
            self._apply(instruction)
        if not self._command:
            raise BuildError("the Dockerfile has no CMD, so there is nothing to start")
        shutil.rmtree(self._context)
        return self._image(tuple(self._localised(word) for word in self._command))

    def _apply(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._from(instruction)
        elif instruction.keyword in self._builders:
            self._builders[instruction.keyword](instruction)
        elif instruction.keyword in _NO_EFFECT:
            self._log("no effect on this machine")
        else:
            raise instruction.fail("this instruction is not supported here")

    def _from(self, instruction: Instruction) -> None:
        _, words = instruction.flags_and_words()
        if words and (redis := _REDIS.fullmatch(words[0])):
            self._from_redis(instruction, redis[1])
            return
        base = _BASE.fullmatch(words[0]) if words else None
        if base is None:
            raise instruction.fail("the base image must be python:VERSION or redis:VERSION")
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if base[1] != here:
            self._log(f"Python {here} of this machine stands in for {base[1]}")

    def _from_redis(self, instruction: Instruction, version: str) -> None:
        server = shutil.which("redis-server", path=_SYSTEM_PATH)
        if server is None:
            raise instruction.fail(
                "this machine has no redis-server to stand in (Debian: apt-get install redis-server)"
            )
        self._log(f"the redis-server of this machine stands in for {version}")
        self._packages = Path(server).parents[1]
        self._command = ("redis-server",)

    def _change_directory(self, instruction: Instruction) -> None:
        self._working_directory /= expand(instruction.rest, self._environment)
        self._place(instruction, ".").mkdir(parents=True, exist_ok=True)

    def _set(self, instruction: Instruction) -> None:
        for name, value in instruction.assignments().items():
            self._environment[name] = expand(value, {"PATH": _SYSTEM_PATH, **self._environment})

    def _start_with(self, instruction: Instruction) -> None:
        self._command = tuple(instruction.exec_form() or ["sh", "-c", instruction.rest])

    def _copy(self, instruction: Instruction) -> None:
        flags, words = instruction.flags_and_words()
        if any(not flag.startswith(("--chown=", "--chmod=", "--link")) for flag in flags):
            raise instruction.fail(f"{' '.join(flags)} is not supported here")
        *patterns, destination = [expand(word, self._environment) for word in words]
        sources = [source for pattern in patterns for source in self._sources(instruction, pattern)]
        target = self._place(instruction, destination)
        into = destination.endswith("/") or target.is_dir() or len(sources) > 1
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
            else:
                place = target / source.name if into else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)

    def _sources(self, instruction: Instruction, pattern: str) -> list[Path]:
        plain = pattern.lstrip("/")
        found = sorted(self._context.glob(plain)) if plain not in {"", "."} else [self._context]
        if not found or any(not path.resolve().is_relative_to(self._context.resolve()) for path in found):
            raise instruction.fail(f"{pattern} is not in the root directory")
        return found

    def _run(self, instruction: Instruction) -> None:
        flags, _ = instruction.flags_and_words()
        if any(not flag.startswith("--mount=type=cache") for flag in flags):
            raise instruction.fail(f"{' '.join(flags)} is not supported here")
        for command in commands(instruction):
            if install := next((words for words in _PIP if command[: len(words)] == words), None):
                self._pip(instruction, command[len(install) :])
            elif command[0] in _PYTHON:
                self._execute(instruction, command)
            elif command[0] in _ACCOUNTS:
                self._log(f"{command[0]}: no account is made; the process runs as the user of this machine")
            else:
                raise instruction.fail(f"{command[0]} is not supported here: pip install -r, python and accounts are")

    def _pip(self, instruction: Instruction, words: list[str]) -> None:
        lock, options = "", []
        if self._packages is not None:
            raise instruction.fail("only one installation is supported here, and python only after it")
        rest = iter(words)
        for word in rest:
            if word in {"-r", "--requirement"}:
                lock += self._lock(instruction, next(rest, ""))
            elif word.startswith(_MEANT):
                options.append(word)
            elif not word.startswith(_HARMLESS):
                raise instruction.fail(f"pip install {word} is not supported here: install from a lock with -r")
        self._packages = self._environments.get(Install(lock, tuple(options)), self._log, self._check)

    def _execute(self, instruction: Instruction, command: list[str]) -> None:
        image = self._image(tuple(self._localised(word) for word in command))
        process = Process(image.command, image.working_directory, image.environment, lambda _, line: self._log(line))
        try:
            while process.wait(_POLL) is None:
                self._check()
        finally:
            status = process.close()
        if status:
            raise instruction.fail(f"{command[0]} ended with exit status {status}; the lines above say why")

    def _lock(self, instruction: Instruction, name: str) -> str:
        file = self._place(instruction, name)
        if not file.is_file():
            raise instruction.fail(f"there is no file {name} in the image: COPY it first")
        return file.read_text(encoding="utf-8")

    def _place(self, instruction: Instruction, path: str) -> Path:
        """Where a path of the image is on this machine."""
        inside = os.path.normpath(self._working_directory / path).lstrip("/")
        place = self._root / inside
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise instruction.fail(f"{path} leads out of the image")
        return place

    def _image(self, command: tuple[str, ...]) -> Image:
        if self._packages is None:
            self._packages = self._environments.get(Install(), self._log, self._check)
        home = self._root / "home"
        home.mkdir(exist_ok=True)
        declared = {name: self._localised(value) for name, value in self._environment.items()}
        search = f"{self._packages / 'bin'}:{_SYSTEM_PATH}"
        return Image(
            root=self._root,
            working_directory=self._root / str(self._working_directory).lstrip("/"),
            environment={"LANG": "C.UTF-8", "HOME": str(home), **declared, "PATH": search},
            command=command,
        )

    def _localised(self, value: str) -> str:
        parts = value.split(":") if value.startswith("/") else [value]
        return ":".join(self._path(part) for part in parts)

    def _path(self, part: str) -> str:
        inside = self._root / part.lstrip("/")
        return str(inside) if part.startswith("/") and part != "/" and inside.exists() else part
