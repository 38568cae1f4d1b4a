"""Run the Pulumi program in this process, and tell its errors in the user's terms."""

from __future__ import annotations

import asyncio
import contextvars
import io
import logging
import runpy
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings, stack

from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.steps import Message, Severity
from localcloud.engine.wire import MonitorError

THREADS: Final = 32
ORGANIZATION: Final = "organization"


class ProgramError(EngineError):
    """The program itself failed; the message names the user's error and where it was raised."""


class SdkEngine:
    """What the SDK calls besides the monitor: messages of the program."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def Log(self, request: Any) -> None:  # noqa: N802 - the protocol's name
        """A message of `pulumi.log`."""
        severity = Severity(request.severity)
        self._context.listener.message(Message(severity, request.message, request.urn, request.ephemeral))

    def RequirePulumiVersion(self, request: Any) -> None:  # noqa: N802 - the protocol's name
        """The embedded engine has no version of the CLI; the requirement does not concern it."""


class _Output(io.TextIOBase):
    """What the program prints, as messages, a line each."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._context.listener.message(Message(Severity.INFO, line))
        return len(text)

    def close(self) -> None:
        if self._rest:
            self.write("\n")
        super().close()


def run(context: Context, monitor: Any) -> None:
    """Run `__main__.py` of the project to its end. Raises `ProgramError`; failed steps are reported by the context."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with (
        _modules_of_the_program(context.project.directory),
        closing(_Output(context)) as output,
        redirect_stdout(output),
        redirect_stderr(output),
    ):
        contextvars.copy_context().run(_run, context, monitor)


def _run(context: Context, monitor: Any) -> None:
    _configure(context, monitor)
    main = context.project.directory / "__main__.py"
    if not main.is_file():
        raise ProgramError(f"There is no program: {main} is missing.")
    with _event_loop() as loop:
        try:
            loop.run_until_complete(stack.run_in_stack(lambda: _run_main(main)))
        except pulumi.RunError as error:
            if not context.stopped:
                raise ProgramError(str(error)) from error
        except SystemExit as error:
            if error.code not in {None, 0}:
                raise ProgramError(f"The program ended itself with {error.code!r}.") from error
        except Exception as error:
            if not context.stopped:
                raise ProgramError(_described(error, context.project.directory)) from error


def _configure(context: Context, monitor: Any) -> None:
    """Tell the SDK the configuration and whom to call."""
    values = context.config
    pulumi_config.set_all_config(dict(values.values), sorted(values.secret))
    settings.configure(
        settings.Settings(
            project=context.project.name,
            stack=context.stack,
            monitor=monitor,
            engine=SdkEngine(context),
            dry_run=context.preview,
            organization=ORGANIZATION,
            root_directory=str(context.project.directory),
        )
    )


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop with threads of its own, of which none is left afterwards."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(THREADS)
    loop.set_default_executor(executor)
    try:
        yield loop
    finally:
        executor.shutdown(wait=True)
        asyncio.set_event_loop(None)
        loop.close()


def _run_main(main: Path) -> None:
    runpy.run_path(str(main), run_name="__main__")


@contextmanager
def _modules_of_the_program(directory: Path) -> Iterator[None]:
    """Forget the program's own modules afterwards, so that a second run registers what they register."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and _is_own(Path(file), directory) and not name.startswith("localcloud."):
                del sys.modules[name]


def _is_own(file: Path, directory: Path) -> bool:
    return file.is_relative_to(directory) and not file.is_relative_to(sys.prefix)


def _described(error: BaseException, directory: Path) -> str:
    """The exception's own words and the program's line, without the frames of SDK and engine."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(Path(frame.filename), directory)]
    own = [frame for frame in frames if not Path(frame.filename).is_relative_to(Path(__file__).parent)]
    where = "".join(f"\n  at {_shown(frame, directory)}" for frame in reversed(own))
    kind = "" if type(error) in {Exception, MonitorError} else f"{type(error).__name__}: "
    return f"{kind}{error}{where}"


def _shown(frame: traceback.FrameSummary, directory: Path) -> str:
    file = Path(frame.filename).relative_to(directory)
    return f"{file}:{frame.lineno} in {frame.name}: {frame.line}"
