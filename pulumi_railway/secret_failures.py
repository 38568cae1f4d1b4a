"""The four ways in which a read of Secret Manager fails."""

from __future__ import annotations


class Missing(Exception):  # noqa: N818 - a state of affairs
    """There is no such secret or version."""


class Denied(Exception):  # noqa: N818 - a state of affairs
    """The identity may not read this."""


class Unusable(Exception):  # noqa: N818 - a state of affairs
    """The version is disabled or destroyed."""


class Unreachable(Exception):  # noqa: N818 - a state of affairs
    """No answer, or no credentials."""
