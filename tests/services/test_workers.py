"""Two workers on one port and one ledger: killed ones are replaced, and their reservations end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from litellm_gateway.budget.ledger import LASTS, RENEWED, TOTAL, UNSEEN, Balance
from litellm_gateway.budget.money import picodollars
from litellm_gateway.budget.sqlite import LEDGER, SqliteLedger

from localcloud.models.behaviour import Behaviour

from .conftest import CLIENT_HEADERS
from .test_budget import ONE_CALL, account, ask, until
from .test_status import numbers

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Start

pytestmark = pytest.mark.services


def workers(gateway: Gateway) -> set[int]:
    process = gateway.process.pid
    return {int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def test_killed_workers_are_replaced_and_what_they_reserved_is_given_back_in_time(
    start: Start, providers: ModelProviders, tmp_path: Path
) -> None:
    changes = {"GATEWAY_WORKERS": "2", "GATEWAY_DATA_DIR": str(tmp_path)}
    with start(**changes) as gateway, ThreadPoolExecutor(4) as clients:
        gateway.wait_until_ready()
        gateway.wait_for("Budget: request cost", ask(gateway))
        providers.behave("openai", Behaviour(kind="slow", seconds=30))
        calls = [clients.submit(ask, gateway) for _ in range(4)]
        until(lambda: len(providers.providers["openai"].hits()) == 5)
        killed = workers(gateway)
        assert len(killed) == 2
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        assert all(isinstance(call.exception(), httpx.TransportError) for call in calls)
        gateway.wait_for("Worker 2 ended by SIGKILL")

        providers.behave("openai", Behaviour())
        until(lambda: len(workers(gateway) - killed) == 2)
        gateway.wait_for("Budget: request cost", ask(gateway))
        assert Decimal(account(gateway)["reserved_usd"]) > 0
        assert a_minute_later(tmp_path / LEDGER) == Balance(TOTAL, picodollars(2 * ONE_CALL), 0, 2)
        all_get_connections(gateway)
        both_are_counted(gateway, clients)
        ends_well(gateway, providers, clients)


def all_get_connections(gateway: Gateway) -> None:
    """Clients that come at once do not end up with the one worker that wakes up first."""
    port = urlsplit(gateway.url).port
    until(lambda: len([said for said in gateway.messages() if said.startswith("Serving ")]) == 4)
    before = open_files(gateway)
    for _ in range(3):
        with contextlib.ExitStack() as clients:
            for _ in range(64):
                clients.enter_context(socket.create_connection(("127.0.0.1", port)))
            until(lambda: (open_files(gateway) - before).total() > 60)
            assert min((open_files(gateway) - before).values()) > 12, "one worker has nearly all of 64 connections"
        until(lambda: (open_files(gateway) - before).total() < 8)


def open_files(gateway: Gateway) -> Counter[int]:
    """Worker -> how many it has, connections among them."""
    return Counter({worker: len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in workers(gateway)})


def a_minute_later(file: Path) -> Balance:
    """The day's balance, after nobody has renewed the present reservations for longer than they can last."""
    begun, passed = time.time(), 0.0
    ledger = SqliteLedger(file, now=lambda: begun + passed)
    while passed <= LASTS + UNSEEN + RENEWED:
        passed += RENEWED
        ledger.renew({})
    (total,) = (balance for balance in ledger.balances()[1] if balance.account == TOTAL)
    ledger.close()
    return total


def both_are_counted(gateway: Gateway, clients: ThreadPoolExecutor) -> None:
    """Whoever asks for the numbers gets those of all workers, a second late at most."""
    requests = 'gateway_requests_total{path="/v1/chat/completions",client="counted",model="gpt-4o",status="200"}'
    headers = CLIENT_HEADERS["counted"]
    assert {each.status_code for each in clients.map(lambda _: ask(gateway, headers=headers), range(12))} == {200}
    until(lambda: numbers(gateway).get(requests) == 12)


def ends_well(gateway: Gateway, providers: ModelProviders, clients: ThreadPoolExecutor) -> None:
    """SIGTERM to the first process: what runs is finished, wherever it runs, and all of them end."""
    providers.behave("openai", Behaviour(kind="slow", seconds=1))
    hits = len(providers.providers["openai"].hits())
    running = [clients.submit(ask, gateway) for _ in range(4)]
    until(lambda: len(providers.providers["openai"].hits()) == hits + 4)
    pids = workers(gateway)
    gateway.process.send_signal(signal.SIGTERM)
    assert [call.result().status_code for call in running] == [200] * 4
    assert gateway.process.wait(30) == 0
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_a_port_in_use_is_refused_in_one_line(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(PORT=str(port)) as gateway:
            assert gateway.process.wait(60) == 1
            gateway.wait_for(f"Refused to start: 127.0.0.1:{port} cannot be listened on: Address already in use")
