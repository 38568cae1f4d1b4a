"""`python -m gateway.acceptance URL`: judge a running gateway, show it, leave evidence, say it with the exit status."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.acceptance import checks, display, evidence, runner
from gateway.acceptance.client import Gateway
from gateway.acceptance.expected import EXPECTED
from gateway.acceptance.redact import clean
from gateway.acceptance.settings import Settings, load
from gateway.acceptance.verdict import UndecidedError, Verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the gateway that the command line names; returns 0 pass, 1 fail, 2 cannot tell."""
    settings = load(argv)
    try:
        gateway = Gateway(settings.url, settings.key, settings.limits)
    except UndecidedError as error:
        sys.stderr.write(f"nothing was checked: {error}\n")
        return Verdict.CANNOT_TELL.exit_status
    try:
        report = _judge(settings, gateway)
        sys.stdout.write(display.last_line(report) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Verdict.CANNOT_TELL.exit_status
    return report.verdict.exit_status if _write(settings, report) else report.verdict.exit_status or 2


def _judge(settings: Settings, gateway: Gateway) -> evidence.Report:
    started = datetime.now(UTC)
    context = checks.Context(
        gateway, EXPECTED, settings.limits, settings.expected_deployment, budget_key=settings.budget_key
    )
    keys = (settings.key, settings.budget_key)
    with contextlib.closing(gateway), display.choose(sys.stdout) as shown:
        results = runner.run(checks.plan(EXPECTED, tiny_budget=settings.budget_key is not None), context, shown, *keys)
    seen = next((answer.deployment for answer in reversed(gateway.journal) if answer.deployment), None)
    return evidence.Report(
        url=settings.url,
        expected_deployment=settings.expected_deployment,
        seen_deployment=clean(seen, *keys) if seen else None,
        started=started,
        finished=datetime.now(UTC),
        checks=results,
    )


def _write(settings: Settings, report: evidence.Report) -> bool:
    texts = [(file, evidence.as_json(report)) for file in settings.json_files]
    texts += [(file, evidence.as_markdown(report)) for file in settings.markdown_files]
    written = True
    for file, text in texts:
        try:
            evidence.write(file, text)
        except OSError as error:
            sys.stderr.write(f"{file}: the evidence is not written: {error.strerror}; the verdict stands above\n")
            written = False
    return written


def run() -> int:
    """`main` as a process: a stop from outside ends it like Ctrl-C, and no character of an answer breaks its output."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        return main()
    except KeyboardInterrupt:
        return Verdict.CANNOT_TELL.exit_status


if __name__ == "__main__":
    sys.exit(run())
