"""From an exception to what the engine shows: one line, the fitting gRPC status, and never a secret or a traceback.

INTERNAL and UNKNOWN are never used: the engine takes them for a state that may be damaged.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc
from google.rpc import status_pb2  # type: ignore[import-untyped]  # it ships no py.typed

from pulumi_railway.api import errors
from pulumi_railway.errors import Cancelled, UserError
from pulumi_railway.handlers.base import CheckFailure, PartialFailure
from pulumi_railway.plugin.codec import encode
from pulumi_railway.plugin.protocol import provider_pb2

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_railway.plugin.codec import Path as ValuePath
    from pulumi_railway.redaction import Redactor

CODES: Final[Mapping[type[UserError], grpc.StatusCode]] = {
    Cancelled: grpc.StatusCode.CANCELLED,
    errors.TokenError: grpc.StatusCode.UNAUTHENTICATED,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.Refused: grpc.StatusCode.FAILED_PRECONDITION,
    errors.RateLimited: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.AmbiguousResult: grpc.StatusCode.ABORTED,
    errors.ApiChanged: grpc.StatusCode.FAILED_PRECONDITION,
}

DETAILS: Final = "grpc-status-details-bin"
"""The trailing metadata that carries a `google.rpc.Status`."""

_PACKAGE: Final = Path(__file__).parent.parent

logger = logging.getLogger(__name__)


class UnsupportedError(UserError):
    """A call of the protocol, a type or a function that this provider does not have."""


class InitFailed(Exception):  # noqa: N818 - carries a state, not only an error
    """A `PartialFailure` and the paths in its state that are secret."""

    def __init__(self, failure: PartialFailure, secrets: Collection[ValuePath]) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.secrets = secrets


@contextlib.contextmanager
def reported(call: str, context: grpc.ServicerContext, redactor: Redactor) -> Iterator[None]:
    """End the gRPC call `call` with a status where the body raises."""
    try:
        yield
    except InitFailed as error:
        _abort_init_failed(error, context, redactor)
    except UserError as error:
        context.abort(code(error), line(str(error), redactor))
    except Exception as error:  # noqa: BLE001 - the border of the process: whatever it is, the user gets one line
        details = redactor("".join(traceback.format_exception(error)))
        logger.error("%s", details)  # noqa: TRY400 - the traceback is in it, without secrets
        context.abort(grpc.StatusCode.ABORTED, _unexpected(call, error))


def check_failures(found: Iterable[CheckFailure], redactor: Redactor) -> list[provider_pb2.CheckFailure]:
    """Bad inputs for the engine, their names in the text.

    Of a property that is named to it, the engine prints the value, which may be a secret put in the wrong place.
    """
    return [provider_pb2.CheckFailure(reason=redactor(f"{failure.property} {failure.reason}")) for failure in found]


def code(error: UserError) -> grpc.StatusCode:
    """The status of the error's own class or its nearest base."""
    if isinstance(error, UnsupportedError):
        return grpc.StatusCode.UNIMPLEMENTED
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), grpc.StatusCode.FAILED_PRECONDITION)


def line(message: str, redactor: Redactor) -> str:
    """`message` without secrets and without blank ends; a build's log may follow on lines of its own."""
    return redactor(message).strip()


def _unexpected(call: str, error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _PACKAGE in Path(frame.filename).parents]
    place = f"{Path(frames[-1].filename).relative_to(_PACKAGE)}:{frames[-1].lineno}"
    return (
        f"The Railway provider met an error of its own in {call}: {type(error).__name__} at {place}. "
        "What was finished stays; `pulumi refresh` shows what there is. "
        "To report it, run again with --logtostderr --logflow -v=9 for the details."
    )


def _abort_init_failed(error: InitFailed, context: grpc.ServicerContext, redactor: Redactor) -> None:
    """The object is there: its state travels with the error, so that the engine keeps it and the next run continues."""
    state = error.failure.state
    reasons = [line(reason, redactor) for reason in error.failure.reasons]
    details = provider_pb2.ErrorResourceInitFailed(
        id=state.id,
        properties=encode(state.outputs, error.secrets),
        inputs=encode(state.inputs, error.secrets),
        reasons=reasons,
    )
    message = " ".join(reasons)
    failed = grpc.StatusCode.FAILED_PRECONDITION
    status = status_pb2.Status(code=failed.value[0], message=message)
    status.details.add().Pack(details)
    context.set_trailing_metadata(((DETAILS, status.SerializeToString()),))
    context.abort(failed, message)
