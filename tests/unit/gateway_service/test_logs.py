"""One JSON object a line, without secrets and without conversations."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litellm_gateway import logs

pytestmark = pytest.mark.unit


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


Install = Callable[[], logs.JsonLines]


@pytest.fixture
def install(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs logging as the gateway does, when called; all that is replaced is put back at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers.copy(), root.level

    def installed() -> logs.JsonLines:
        for name in ("stdout", "stderr", "excepthook"):
            monkeypatch.setattr(sys, name, getattr(sys, name))
        root.handlers.clear()
        return logs.install(stream)

    yield installed
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_holds_its_fields_and_keeps_its_arrow(install: Install, stream: io.StringIO) -> None:
    install()
    logging.getLogger("gateway.x").warning("%s → %s", "a\nb", "c", extra={"fields": {"call": "1"}})
    assert "a\\nb → c" in stream.getvalue()
    (entry,) = entries(stream)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {"level": "warn", "logger": "gateway.x", "message": "a\nb → c", "call": "1"}


def test_a_line_of_each_request_is_like_any_other(install: Install, stream: io.StringIO) -> None:
    install()
    logger, fields = logging.getLogger("gateway.x"), {"call": "1"}
    logger.info("%s", "50 %s", extra={"fields": fields})
    logs.tell(logger, logging.INFO, "50 %s", fields)
    logs.tell(logger, logging.DEBUG, "not at this level", fields)
    first, second = entries(stream)
    assert first | {"time": ""} == second | {"time": ""}
    assert first.keys() == second.keys()


def test_whatever_is_printed_becomes_lines(install: Install, stream: io.StringIO) -> None:
    install()
    sys.stdout.write("\x1b[32mLiteLLM: ")
    sys.stdout.write("ready\x1b[0m\n\n   \nnext\n")
    sys.stderr.write("bad\n")
    assert [(entry["logger"], entry["level"], entry["message"]) for entry in entries(stream)] == [
        ("stdout", "info", "LiteLLM: ready"),
        ("stdout", "info", "next"),
        ("stderr", "warn", "bad"),
    ]


def test_warnings_and_uncaught_errors_become_lines(install: Install, stream: io.StringIO) -> None:
    install()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    error = ValueError("two\nlines")
    sys.excepthook(ValueError, error, None)
    first, second = entries(stream)
    assert first["logger"] == "py.warnings"
    assert second["error"] == "ValueError: two\nlines"


@pytest.mark.parametrize("secret", ["sk-canary-0123456789", 'sk-"quoted"\\key', "sk-ümläut"])
def test_secrets_are_replaced_wherever_they_are(install: Install, stream: io.StringIO, secret: str) -> None:
    formatter = install()
    formatter.redact([secret])
    logging.getLogger("gateway").error("key %s", secret, extra={"fields": {"also": f"x{secret}y"}})
    sys.stdout.write(f"printed {secret}\n")
    messages = [entry["message"] for entry in entries(stream)]
    assert messages == ["key [redacted]", "printed [redacted]"]
    assert entries(stream)[0]["also"] == "x[redacted]y"


@pytest.mark.parametrize("before", ["", " ", "=", '"', "\n", "/", "Bearer "])
def test_what_looks_like_a_key_is_replaced_though_nobody_told_of_it(
    install: Install, stream: io.StringIO, before: str
) -> None:
    install()
    logging.getLogger("gateway.x").warning("%ssk-0a1b2c3d4e5f60718293 disk-usage-of-the-whole-machine", before)
    assert entries(stream)[0]["message"] == f"{before}[redacted] disk-usage-of-the-whole-machine".strip()


def test_foreign_text_is_withheld_once_requests_are_served(install: Install, stream: io.StringIO) -> None:
    formatter = install()
    logging.getLogger("LiteLLM").warning("before")
    formatter.withhold_foreign = True
    logging.getLogger("LiteLLM Router").error("prompt: %s", "canary", exc_info=ValueError("canary"))
    logging.getLogger("gateway.start").info("ours")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=ValueError("canary"))
    sys.stdout.write("canary\n")
    assert "canary" not in stream.getvalue()
    messages = [entry["message"] for entry in entries(stream)]
    assert messages[0] == "before"
    assert messages[1].startswith("test_logs.py:")
    assert messages[1].endswith(logs.WITHHELD)
    assert messages[2:4] == ["ours", "Exception in ASGI application"]
    assert entries(stream)[1]["error"] == "ValueError"


def test_an_error_is_told_by_type_and_place() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("{")
    assert re.fullmatch(r"JSONDecodeError at decoder\.py:\d+", logs.describe(caught.value, text=False))
    assert logs.describe(caught.value, text=True).endswith(f": {caught.value}")


def test_libraries_lose_their_own_handlers(install: Install, stream: io.StringIO) -> None:
    install()
    own = io.StringIO()
    library = logging.getLogger("LiteLLM Proxy")
    library.addHandler(logging.StreamHandler(own))
    library.propagate = False
    logs.adopt(["LiteLLM Proxy"])
    library.warning("hello")
    assert own.getvalue() == ""
    assert [entry["message"] for entry in entries(stream)] == ["hello"]


def test_only_our_own_chatter_is_kept(install: Install, stream: io.StringIO) -> None:
    install()
    logging.getLogger("httpx").info("HTTP Request: POST")
    logging.getLogger("gateway").info("kept")
    assert [entry["message"] for entry in entries(stream)] == ["kept"]
