"""Retry-After as a date."""

from __future__ import annotations

import datetime as dt
import email.utils


def date_in(seconds: float) -> tuple[dt.datetime, str]:
    """A moment from now, of whole seconds, and the header that names it."""
    moment = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).replace(microsecond=0)
    return moment, email.utils.format_datetime(moment, usegmt=True)
