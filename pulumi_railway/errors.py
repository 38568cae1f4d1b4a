"""The one base of everything this package tells a user about."""

from __future__ import annotations


class UserError(Exception):
    """What went wrong, where, what was already done and how to mend it, in a line or few; holds no secret."""


class Cancelled(UserError):  # noqa: N818 - not an error of anybody
    """The run was interrupted while it waited."""


class ResourceError(UserError):
    """A resource cannot be made or kept as asked."""
