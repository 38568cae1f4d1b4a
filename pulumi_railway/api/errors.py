"""What can go wrong with Railway's API, told apart by what the caller can do about it.

RailwayError
├── TokenError        the token is missing, refused or of the wrong kind: give another one
├── NotFound          the token works, the object is not there or outside its scope
├── Refused           Railway understood and said no: change the request
├── RateLimited       told to wait longer than a run should: come back later
├── Unavailable       no usable answer, and nothing (more) was changed or the write may be repeated: run again
├── AmbiguousResult   a write that must not be repeated got no answer: look before anything else
└── ApiChanged        the answer does not fit the schema this client was written for
"""

from __future__ import annotations

from pulumi_railway.errors import UserError


class RailwayError(UserError):
    """An operation failed: what Railway said, the HTTP status, its trace id and what to do."""

    def __init__(
        self,
        operation: str,
        message: str,
        *,
        status: int | None = None,
        trace_id: str | None = None,
        remedy: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.operation = operation
        self.message = message
        self.status = status
        self.trace_id = trace_id
        self.remedy = remedy
        self.retry_after = retry_after
        super().__init__(self._line())

    def _line(self) -> str:
        facts = [f"HTTP {self.status}" if self.status else "", f"traceId {self.trace_id}" if self.trace_id else ""]
        found = ", ".join(fact for fact in facts if fact)
        line = f"Railway, {self.operation}: {self.message.rstrip('.')}" + (f" ({found})" if found else "") + "."
        return f"{line} {self.remedy}" if self.remedy else line


class TokenError(RailwayError):
    """The token is missing, refused or of the wrong kind."""


class NotFound(RailwayError):  # noqa: N818 - a state of affairs callers ask for
    """The object is not there, or outside the scope of a token that is known to work."""


class Refused(RailwayError):  # noqa: N818 - Railway's answer, not a fault
    """Railway understood the request and refused it."""


class RateLimited(RailwayError):  # noqa: N818 - Railway's answer, not a fault
    """Railway asks for a pause; `retry_after` is in seconds where it said how long."""


class Unavailable(RailwayError):  # noqa: N818 - the state of the other side
    """No usable answer came; the request may be sent again."""


class AmbiguousResult(RailwayError):  # noqa: N818 - neither success nor failure
    """A write got no answer: it may have taken effect, so look before it is sent again."""


class ApiChanged(RailwayError):  # noqa: N818 - a state of the other side
    """The answer, or Railway's validation, does not fit the schema this client was written for."""
