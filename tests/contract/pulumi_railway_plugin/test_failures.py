"""Errors as the engine shows them: one line, a fitting status, no secret, no traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2

from pulumi_railway.api import errors
from pulumi_railway.errors import Cancelled, UserError
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.protocol import provider_pb2

pytestmark = pytest.mark.contract

Struct = Callable[..., struct_pb2.Struct]
Code = grpc.StatusCode


class OfItsOwnKindError(errors.NotFound):
    """A subclass has the status of its base."""


def raised(error: Exception) -> Callable[..., Any]:
    def fail(*_arguments: Any) -> Any:
        raise error

    return fail


def create(serve: Any, thing: Any, urn: str, properties: struct_pb2.Struct) -> tuple[grpc.StatusCode, str]:
    stub = serve(thing, environ={"RAILWAY_TOKEN": "t0ken-of-the-project"}).configure().stub
    with pytest.raises(grpc.RpcError) as caught:
        stub.Create(provider_pb2.CreateRequest(urn=urn, properties=properties))
    return caught.value.code(), str(caught.value.details())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.TokenError("me", "Not Authorized"), Code.UNAUTHENTICATED),
        (errors.NotFound("service", "gone"), Code.NOT_FOUND),
        (OfItsOwnKindError("service", "gone"), Code.NOT_FOUND),
        (errors.Refused("serviceCreate", "no"), Code.FAILED_PRECONDITION),
        (errors.RateLimited("service", "slow"), Code.RESOURCE_EXHAUSTED),
        (errors.Unavailable("service", "down"), Code.UNAVAILABLE),
        (errors.AmbiguousResult("serviceCreate", "no answer"), Code.ABORTED),
        (errors.ApiChanged("service", "API changed"), Code.FAILED_PRECONDITION),
        (Cancelled("Interrupted."), Code.CANCELLED),
        (UserError("Nothing to do."), Code.FAILED_PRECONDITION),
    ],
)
def test_each_error_has_its_status(serve: Any, thing: Any, urn: str, error: Exception, code: grpc.StatusCode) -> None:
    thing.on_create = raised(error)
    assert create(serve, thing, urn, struct_pb2.Struct()) == (code, str(error))


def test_every_error_of_the_api_has_a_status() -> None:
    from pulumi_railway.plugin.failures import CODES  # noqa: PLC0415

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RailwayError)]
    assert set(kinds) - set(CODES) == {errors.RailwayError}


def test_no_status_means_a_damaged_state() -> None:
    from pulumi_railway.plugin.failures import CODES  # noqa: PLC0415

    assert not {Code.UNKNOWN, Code.INTERNAL, Code.DATA_LOSS} & set(CODES.values())


def test_secrets_do_not_leave_with_an_error(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_create = raised(UserError("token t0ken-of-the-project and input s3cret-input are bad"))
    secret = {codec.SIGNATURE_KEY: codec.SECRET_SIGNATURE, "value": "s3cret-input"}
    _, details = create(serve, thing, urn, struct(name=secret))
    assert details == "token [redacted] and input [redacted] are bad"


def test_an_error_of_our_own_is_one_line_without_its_text(
    serve: Any, thing: Any, urn: str, struct: Struct, caplog: pytest.LogCaptureFixture
) -> None:
    thing.on_create = raised(KeyError("t0ken-of-the-project"))
    with caplog.at_level(logging.ERROR):
        code, details = create(serve, thing, urn, struct(name="n"))
    assert code is Code.ABORTED
    assert details.startswith(
        "The Railway provider met an error of its own in Create: KeyError at plugin/resources.py:"
    )
    assert "\n" not in details
    assert "t0ken" not in details
    assert "Traceback" in caplog.text
    assert "KeyError: '[redacted]'" in caplog.text
    assert "t0ken" not in caplog.text


def test_a_message_of_several_lines_stays_readable(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    thing.on_create = raised(UserError("The build failed.\n  line 1 →\n  line 2\n"))
    assert create(serve, thing, urn, struct(name="n"))[1] == "The build failed.\n  line 1 →\n  line 2"


def test_an_asset_is_told_by_its_name(serve: Any, thing: Any, urn: str, struct: Struct) -> None:
    asset = {codec.SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    code, details = create(serve, thing, urn, struct(startCommand=asset))
    assert code is Code.FAILED_PRECONDITION
    assert details.startswith("startCommand is an asset")
