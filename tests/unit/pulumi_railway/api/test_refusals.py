"""What is not sent at all, and what Railway says it did not do."""

from __future__ import annotations

import httpx
import pytest

from pulumi_railway.api import deployments, projects, volumes
from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.errors import Refused, TokenError
from pulumi_railway.api.tokens import Credentials, Kind

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", ["project", "bearer", None])
@pytest.mark.parametrize("token", ["secret-token\n", " secret-token", "secret token", "secret-tok\u00e9n"])
def test_a_token_that_no_header_can_carry_is_named_and_nothing_is_sent(token: str, kind: Kind | None) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    client = RailwayClient(Credentials(token, kind), transport=httpx.MockTransport(answer))
    with pytest.raises(TokenError, match=r"token \(RAILWAY_.*with a space, an end of line or a character") as caught:
        projects.read(client, "p-1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [302, 404, 405])
def test_a_wrong_address_is_named_at_once(status: int) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, text="<html>nothing here</html>")

    client = RailwayClient(Credentials("t-1", "project"), transport=httpx.MockTransport(answer))
    with pytest.raises(Refused, match=rf"not Railway's API \(HTTP {status}\)\. Check RAILWAY_API_URL"):
        projects.read(client, "p-1")
    assert len(asked) == 1


def test_a_write_that_railway_answers_with_false_is_not_done() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        operation = next(name for name in (b"volumeDelete", b"deploymentCancel") if name in request.content).decode()
        return httpx.Response(200, json={"data": {operation: False}})

    client = RailwayClient(Credentials("t-1", "project"), transport=httpx.MockTransport(answer))
    for write in (volumes.delete, deployments.cancel):
        with pytest.raises(Refused, match=r"says that it did not do it \(HTTP 200\)\. .* then run again"):
            write(client, "id-1")
