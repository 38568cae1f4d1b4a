"""What the headers of an answer say about time. They come from outside: one that cannot be read says nothing."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import time
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_LONGEST: Final = 365 * 86400.0
"""Seconds; a later moment may have no date."""
_MILLISECONDS: Final = 10**11
"""From this number on a moment counts milliseconds since 1970: as seconds it would be thousands of years away."""


def whole_number(header: str | None) -> int | None:
    """The number in a header of up to 18 ASCII digits; None where it is absent or anything else."""
    return int(header) if header and _DIGITS.fullmatch(header.strip()) else None


def retry_after(header: str | None) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or an HTTP date), at most a year; None if it cannot be read."""
    seconds = whole_number(header)
    return _until_date(header or "") if seconds is None else min(float(seconds), _LONGEST)


def reset_after(header: str | None) -> float | None:
    """Seconds until the moment in an X-RateLimit-Reset header, at most a year; None if it cannot be read.

    Railway does not document its form: a small number counts seconds from now, a large one those since 1970, a very
    large one milliseconds; or it is a date.
    """
    number = whole_number(header)
    if number is None or number < _LONGEST:
        return retry_after(header)
    moment = number / 1000 if number >= _MILLISECONDS else float(number)
    return _bounded(moment - time.time())


def _until_date(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # a zone of -0000: UTC by RFC 5322
        moment = moment.replace(tzinfo=dt.UTC)
    return _bounded((moment - dt.datetime.now(dt.UTC)).total_seconds())


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST)
