"""How a process ends: what each signal does, and how long whoever is answered has."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from litellm_gateway import settings, workers
from litellm_gateway.server import Server

from .conftest import KEY

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway

pytestmark = pytest.mark.unit

LOADED = settings.parse({"LITELLM_MASTER_KEY": KEY, "PORT": "4000", "GATEWAY_DRAINING_SECONDS": "25"})
DRAINING = 20


@pytest.fixture
def gateway(make_gateway: Callable[..., Gateway]) -> Gateway:
    return make_gateway()


@pytest.fixture
def server(gateway: Gateway) -> Server:
    """One that serves."""
    served = Server(gateway, LOADED)
    served.started = True
    return served


async def ticks(server: Server, *, running: bool) -> list[bool]:
    """What two ticks say, with a request that runs or without."""
    request = asyncio.create_task(asyncio.sleep(60))
    if running:
        server.server_state.tasks.add(request)
    return [await server.on_tick(counter) for counter in (1, 2)]


def test_a_signal_refuses_new_work_and_the_port_closes_once_nothing_runs(server: Server, gateway: Gateway) -> None:
    assert asyncio.run(ticks(server, running=False)) == [False, False]
    server.handle_exit(signal.SIGTERM, None)
    assert not server.should_exit
    assert asyncio.run(ticks(server, running=False)) == [False, True]
    assert gateway.stopping


def test_what_runs_may_go_on_and_what_is_on_its_way_has_the_rest_of_the_time(server: Server) -> None:
    server.handle_exit(signal.SIGTERM, None)
    assert asyncio.run(ticks(server, running=True)) == [False, False]
    assert asyncio.run(server.on_tick(3)) is False
    server.server_state.tasks.clear()
    assert asyncio.run(server.on_tick(4))
    assert DRAINING - 5 < (server.config.timeout_graceful_shutdown or 0) <= DRAINING


def test_once_the_draining_time_is_over_the_port_closes_all_the_same(server: Server) -> None:
    server._draining = 0
    server.handle_exit(signal.SIGTERM, None)
    assert asyncio.run(ticks(server, running=True)) == [False, True]
    assert server.config.timeout_graceful_shutdown == 1


@pytest.mark.parametrize(
    ("names", "ends"),
    [
        ((signal.SIGINT,), False),
        ((signal.SIGINT, signal.SIGINT), True),
        ((signal.SIGTERM, signal.SIGINT), True),
        ((signal.SIGTERM, signal.SIGTERM), False),
    ],
)
def test_ctrl_c_after_a_signal_ends_it_at_once(server: Server, names: tuple[signal.Signals, ...], ends: bool) -> None:
    for name in names:
        server.handle_exit(name, None)
    assert server.should_exit is ends


def test_a_signal_before_the_start_is_over_ends_it(gateway: Gateway) -> None:
    server = Server(gateway, LOADED)
    server.handle_exit(signal.SIGTERM, None)
    assert server.should_exit


def test_a_worker_ends_with_the_process_that_started_it_and_leaves_ctrl_c_to_that(gateway: Gateway) -> None:
    worker = workers._Worker(gateway, LOADED, parent=-1)
    worker.started = True
    for _ in range(2):
        worker.handle_exit(signal.SIGINT, None)
    assert worker._deadline is None
    asyncio.run(ticks(worker, running=False))
    assert gateway.stopping


@pytest.mark.parametrize(
    ("statuses", "failed"),
    [([-9] * 4, False), ([-9] * 5, True), ([3], False), ([1], True)],
)
def test_workers_that_keep_dying_or_cannot_start_end_all_of_it(
    make_gateway: Callable[..., Gateway], statuses: list[int], failed: bool
) -> None:
    group = workers._Workers(make_gateway, LOADED, [])
    for status in statuses:
        group._mourn(1, status)
    assert group._failed is failed
    assert (group._deadline is not None) is failed


def test_deaths_that_are_far_apart_are_not_too_many(
    make_gateway: Callable[..., Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_DEATHS_SECONDS", 0.0)
    group = workers._Workers(make_gateway, LOADED, [])
    for _ in range(10):
        group._mourn(1, -9)
    assert not group._failed
