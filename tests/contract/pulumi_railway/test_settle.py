"""Waiting for the edge: it answers for a service it does not route to yet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pulumi_railway.handlers.deployment_judge import settle
from pulumi_railway.handlers.waiting import Clock, Pace

pytestmark = pytest.mark.contract


class Edge(ThreadingHTTPServer):
    """Answers with each of `statuses` in turn, and with the last for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.statuses = [200]
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/health"


class Answers(BaseHTTPRequestHandler):
    server: Edge

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def edge() -> Iterator[Edge]:
    server = Edge()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def wait(cloud: Any, url: str) -> None:
    """Waits take no time, but the clock runs."""
    waits: list[float] = []
    context = cloud.context(sleep=waits.append)
    settle(context, Clock(context, Pace(), lambda: sum(waits)), url)


@pytest.mark.parametrize("status", [200, 204, 401, 500])
def test_it_waits_until_the_service_itself_answers(cloud: Any, edge: Edge, status: int) -> None:
    edge.statuses = [404, 502, 503, status]
    wait(cloud, edge.url)
    assert edge.asked == ["/health"] * 4


def test_it_does_not_wait_for_ever_and_says_what_it_saw(cloud: Any, edge: Edge) -> None:
    edge.statuses = [502]
    wait(cloud, edge.url)
    assert "does not settle within 120 s (502); judging it all the same" in cloud.messages.text


def test_no_answer_is_waited_for_too(cloud: Any) -> None:
    wait(cloud, "http://127.0.0.1:9/health")
    assert "(ConnectError); judging it all the same" in cloud.messages.text
