"""Runs checks in order and turns what they come to into results."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from gateway.acceptance.checks import Check, Context
from gateway.acceptance.client import Answer
from gateway.acceptance.redact import clean
from gateway.acceptance.verdict import CheckFailedError, Result, UndecidedError, Verdict


class Observer(Protocol):
    """Is told what happens while it happens."""

    def started(self, name: str) -> None:
        """Check `name` begins."""

    def finished(self, result: Result) -> None:
        """A check came to `result`."""


def run(checks: Sequence[Check], context: Context, observer: Observer, *secrets: str | None) -> list[Result]:
    """One result per check, in order. An interrupt ends the run; what was not checked then cannot be told."""
    results: list[Result] = []
    try:
        for check in checks:
            observer.started(check.name)
            results.append(_judge(check, context, results, secrets))
            observer.finished(results[-1])
    except KeyboardInterrupt:
        for check in checks[len(results) :]:
            results.append(Result(check.name, Verdict.CANNOT_TELL, "interrupted"))
            observer.finished(results[-1])
    return results


def _judge(check: Check, context: Context, before: Iterable[Result], secrets: Sequence[str | None]) -> Result:
    missed = [result.name for result in before if result.name in check.needs and result.verdict is not Verdict.PASS]
    if missed:
        return Result(check.name, Verdict.CANNOT_TELL, f"skipped: {missed[0]} did not pass")
    asked = len(context.gateway.journal)
    started = time.monotonic()
    verdict, detail = _attempt(check, context)
    answers = context.gateway.journal[asked:]
    strangers = _strangers(answers, context.expected_deployment) if check.needs else []
    if strangers:
        verdict, detail = Verdict.FAIL, f"another build answers meanwhile: {', '.join(strangers)}; {detail}"
    request_id = next((answer.request_id for answer in reversed(answers) if answer.request_id), None)
    return Result(
        name=check.name,
        verdict=verdict,
        detail=clean(detail, *secrets),
        milliseconds=round((time.monotonic() - started) * 1000),
        request_id=clean(request_id, *secrets) if request_id else None,
    )


def _attempt(check: Check, context: Context) -> tuple[Verdict, str]:
    try:
        context.gateway.remaining()
        return Verdict.PASS, check.run(context)
    except CheckFailedError as error:
        return Verdict.FAIL, str(error)
    except UndecidedError as error:
        return Verdict.CANNOT_TELL, str(error)


def _strangers(answers: Iterable[Answer], wanted: str | None) -> list[str]:
    """Deployments that answered besides `wanted`, which had settled before."""
    seen = {answer.deployment for answer in answers if answer.deployment}
    return sorted(seen - {wanted}) if wanted else []
