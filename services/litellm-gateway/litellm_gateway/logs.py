"""Every line this process writes is one JSON object: ours, LiteLLM's, uvicorn's, and whatever anybody prints.

Fields: `time`, `level`, `logger`, `message`, then what a line adds. Two rules keep secrets and conversations out.
Values given to `redact`, and whatever looks like a key, are replaced wherever they appear. And once requests are
served, the text of foreign libraries is withheld, since it can quote a prompt or an answer: their lines keep only
level, place and type of error.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OWN: Final = frozenset({"gateway", "uvicorn"})
"""Loggers whose messages are known not to quote a request."""

LEVELS: Final = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warn",
    logging.ERROR: "error",
    logging.CRITICAL: "error",
}
"""The names the platform's log view knows."""

WITHHELD: Final = "text withheld: it can quote a request"
REDACTED: Final = "[redacted]"
_KEY: Final = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))sk-[\w-]{16,}")
"""What looks like a key: those of clients are kept as digests alone, so their values cannot be looked for."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=str)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: list[str] = []
        self.withhold_foreign = False

    def redact(self, secrets: Iterable[str]) -> None:
        """Replace these values, plain or JSON-escaped, in every line from now on."""
        self._secrets = [form for secret in secrets for form in {secret, json.dumps(secret)[1:-1]}]

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; characters beyond ASCII stay as they are."""
        foreign = self.withhold_foreign and record.name.partition(".")[0] not in OWN
        entry: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": LEVELS.get(record.levelno, "info"),
            "logger": record.name,
            "message": f"{record.filename}:{record.lineno}: {WITHHELD}" if foreign else _plain(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            entry["error"] = describe(record.exc_info[1], text=not self.withhold_foreign)
        line = _ENCODER.encode(entry)
        for secret in self._secrets:
            line = line.replace(secret, REDACTED)
        return _KEY.sub(REDACTED, line) if "sk-" in line else line


def describe(error: BaseException, *, text: bool) -> str:
    """An error in one line: its type, where it was raised, and its message where `text` is allowed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}" + (f": {error}" if text else "")


class PrintedLines(io.TextIOBase):
    """Stands in for stdout or stderr and hands on each complete line that has visible text."""

    encoding = "utf-8"

    def __init__(self, emit: Callable[[str], None]) -> None:
        super().__init__()
        self._emit = emit
        self._rest = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        """Whether text may be written: always."""
        return True

    def write(self, text: str) -> int:
        """Take text; whatever follows the last line break waits for more."""
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if _plain(line):
                self._emit(line)
        return len(text)


def install(stream: TextIO) -> JsonLines:
    """Send everything that is logged, printed, warned about or uncaught to `stream`, as JSON lines."""
    formatter = JsonLines()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO)
    for unused in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, unused, False)  # what no line shows is not looked up for each
    logging.captureWarnings(capture=True)
    sys.stdout = PrintedLines(_printer(handler, "stdout", logging.INFO))
    sys.stderr = PrintedLines(_printer(handler, "stderr", logging.WARNING))
    sys.excepthook = _log_uncaught
    return formatter


def tell(logger: logging.Logger, level: int, message: str, fields: Mapping[str, object]) -> None:
    """Write a line that comes with each request: nobody looks for the place in the code, which is half of the cost."""
    if logger.isEnabledFor(level):
        shown = {"levelno": level, "levelname": logging.getLevelName(level), "msg": message, "fields": fields}
        logger.handle(logging.makeLogRecord({"name": logger.name, **shown}))


def adopt(names: Iterable[str]) -> None:
    """Take over loggers of libraries that brought their own handlers."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _plain(text: str) -> str:
    return _COLOUR.sub("", text).strip()


def _printer(handler: logging.Handler, name: str, level: int) -> Callable[[str], None]:
    def emit(line: str) -> None:
        handler.handle(logging.LogRecord(name, level, name, 0, line, None, None))

    return emit


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("gateway.start").critical("The gateway stopped on an error", exc_info=(kind, error, trace))
