"""Load on a server, and the fake upstream that answers it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks import processes
from benchmarks.figures import BenchmarkError
from benchmarks.gateway import load
from benchmarks.service import PATH, body
from localcloud.railway.runner.container import free_port

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.gateway.upstream", str(port)]
    log, url = tmp_path_factory.mktemp("upstream") / "log", f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(url, trust_env=False).is_success
        except httpx.TransportError:
            return False

    with processes.child(command, directory=ROOT, environment=os.environ, log=log) as process:
        processes.wait_until(answers, process, log, 30)
        yield url


def test_every_client_is_answered(upstream: str) -> None:
    done = load.run(upstream, load.request(upstream, PATH, "key", body()), status=200, clients=4, seconds=0.2)
    assert len(done.latencies) > 8
    assert list(done.latencies) == sorted(done.latencies)
    assert 0.2 <= done.seconds < 5


def test_an_answer_of_another_status_stops_the_measurement(upstream: str) -> None:
    sent = load.request(upstream, PATH, None, body())
    with pytest.raises(BenchmarkError, match=r"answered http/1\.1 200 ok instead of 401"):
        load.run(upstream, sent, status=401, clients=1, seconds=1)


def test_a_body_may_come_in_pieces(upstream: str) -> None:
    answer = httpx.post(upstream + PATH, content=b"x" * 300_000, trust_env=False)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello!"
