"""How the life of a deployment ends early."""

from __future__ import annotations

from localcloud.railway.state.model import Status


class StepError(Exception):
    """A step failed: the deployment becomes `status`, and its event tells the message."""

    def __init__(self, message: str, status: Status = Status.FAILED) -> None:
        super().__init__(message)
        self.status = status


class BuildError(StepError):
    """The image cannot be built; the message names the line of the Dockerfile where there is one."""


class HaltedError(Exception):
    """Somebody took the deployment out; nothing failed."""
