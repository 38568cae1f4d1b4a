"""The three verdicts, and what one check comes to."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Verdict(enum.Enum):
    """What is known after looking: the gateway is right, is wrong, or could not be judged from here."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"

    @property
    def exit_status(self) -> int:
        """0 for pass, 1 for fail, 2 for cannot tell."""
        return {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.CANNOT_TELL: 2}[self]


class CheckFailedError(Exception):
    """The gateway is not what it must be; the message says what was wanted and what was seen."""


class UndecidedError(Exception):
    """The check could not be made, which says nothing about the gateway; the message says why."""


@dataclass(frozen=True)
class Result:
    """One check's verdict. `detail` and `request_id` hold no secret; `request_id` is that of the last answer judged."""

    name: str
    verdict: Verdict
    detail: str
    milliseconds: int = 0
    request_id: str | None = None


def overall(results: Iterable[Result]) -> Verdict:
    """Any fail is a fail; else any cannot tell is a cannot tell, and so is having checked nothing; else pass."""
    verdicts = {result.verdict for result in results}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.CANNOT_TELL
