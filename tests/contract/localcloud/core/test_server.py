"""The server in a thread: there before it is returned, gone after it is stopped, broken when asked."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.core.faults import ClosedConnection, Fault, FaultError, Faults
from localcloud.core.server import ServerError, ThreadedServer

pytestmark = pytest.mark.contract


async def _hello(_request: Request) -> Response:
    return JSONResponse({"hello": "world"})


@contextmanager
def _served(handler: object = _hello) -> Iterator[str]:
    with ThreadedServer(Starlette(routes=[Route("/", handler)])) as server:  # type: ignore[arg-type] # any handler
        yield server.url


def test_it_listens_when_it_is_returned_and_not_after_stop() -> None:
    server = ThreadedServer(Starlette(routes=[Route("/", _hello)]))
    assert httpx.get(server.url).json() == {"hello": "world"}

    server.stop()
    server.stop()

    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)
    assert not [thread for thread in threading.enumerate() if thread.name == f"server-{server.port}"]


def test_it_is_on_loopback_only() -> None:
    with ThreadedServer(Starlette()) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server._socket.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_one_clear_error() -> None:
    with ThreadedServer(Starlette()) as server, pytest.raises(ServerError, match=f"port {server.port} of 127.0.0.1"):
        ThreadedServer(Starlette(), port=server.port)


def test_an_application_that_does_not_start_is_an_error() -> None:
    @asynccontextmanager
    async def broken(app: Starlette) -> AsyncIterator[None]:
        if app:
            raise RuntimeError("no database")
        yield

    threads = threading.active_count()
    with pytest.raises(ServerError, match="did not start"):
        ThreadedServer(Starlette(lifespan=broken))
    assert threading.active_count() == threads


def test_stop_cuts_off_a_request_that_hangs() -> None:
    reached = threading.Event()

    async def hang(_request: Request) -> Response:
        reached.set()
        await asyncio.sleep(3600)
        return Response()

    server = ThreadedServer(Starlette(routes=[Route("/", hang)]), grace=0)
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(httpx.get(server.url).status_code)
        except httpx.HTTPError as error:
            answers.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    reached.wait(5)
    server.stop()
    asking.join(5)

    assert answers
    assert answers != [200]


def test_a_bug_in_an_application_is_logged_with_its_request(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("a bug")

    with caplog.at_level(logging.ERROR), _served(fail) as url:
        assert httpx.get(url).status_code == 500

    assert [record.message for record in caplog.records] == ["GET / failed"]


def test_who_goes_away_while_asking_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    left = threading.Event()

    async def read(request: Request) -> Response:
        try:
            return Response(await request.body())
        finally:
            left.set()

    with caplog.at_level(logging.ERROR), _served(read) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
            client.sendall(b"GET / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\nhalf")
        assert left.wait(5)

    assert caplog.records == []


@pytest.mark.parametrize(("reset", "error"), [(False, httpx.RemoteProtocolError), (True, httpx.ReadError)])
def test_a_connection_is_closed_without_an_answer(reset: bool, error: type[Exception]) -> None:
    async def close(_request: Request) -> Response:
        return ClosedConnection(reset=reset)

    with _served(close) as url, pytest.raises(error):
        httpx.get(url)


FAULTS = [
    (Fault("s", "o", "status", code=429, body="slow down", headers={"Retry-After": "2"}), 429, "slow down"),
    (Fault("s", "o", "html"), 502, "Bad gateway"),
    (Fault("s", "o", "html", code=200, body="<html>captive</html>"), 200, "captive"),
    (Fault("s", "o", "delay", seconds=0.01), 200, "hello"),
    (None, 200, "hello"),
]


@pytest.mark.parametrize(("fault", "status", "said"), FAULTS, ids=lambda value: getattr(value, "action", None))
def test_a_fault_of_the_transport_is_met(fault: Fault | None, status: int, said: str) -> None:
    async def handler(request: Request) -> Response:
        return await Faults().meet(fault, lambda: _hello(request))

    with _served(handler) as url:
        answer = httpx.get(url)

    assert answer.status_code == status
    assert said in answer.text
    assert not fault or all(answer.headers[name] == value for name, value in fault.headers.items())


@pytest.mark.parametrize(("action", "applied"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_call_is_applied_or_not(action: str, applied: int) -> None:
    times = []

    async def proceed() -> Response:
        times.append(1)
        return Response()

    async def handler(_request: Request) -> Response:
        return await Faults().meet(Fault.from_json({"service": "s", "operation": "o", "action": action}), proceed)

    with _served(handler) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
    assert len(times) == applied


def test_a_fault_that_a_service_does_not_know_is_an_error() -> None:
    async def proceed() -> Response:
        return Response()

    with pytest.raises(FaultError, match="github knows no fault null_data"):
        asyncio.run(Faults().meet(Fault("github", "GetUser", "null_data"), proceed))
