"""The whole sweep: find the points, share them among processes with a local cloud each, gather what became of them."""

from __future__ import annotations

import faulthandler
import multiprocessing
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Final

from rich.console import Console

from chaos import points, workspace
from chaos.attached import AttachedEngine
from chaos.points import Point, Signal
from chaos.processes import ChaosError
from chaos.runs import PATIENCE
from chaos.scenarios import Scenario
from chaos.worker import SPEED, Outcome, Worker
from localcloud.cloud import LocalCloud
from localcloud.demo.engines import Engine

GIVEN_UP_AFTER: Final = 5 * PATIENCE
"""Seconds for one point; the process that needs longer says where it is and ends, and the sweep with it."""
LOOKS_EVERY: Final = 1.0
"""Seconds between looks at whether the processes still live."""


@dataclass(frozen=True)
class Plan:
    """What every worker needs: the project, where it may write, and which engine it drives."""

    project: Path
    directory: Path
    engine: str


@contextmanager
def working(plan: Plan, name: str) -> Iterator[Worker]:
    """A worker on a local cloud and a copy of the program of its own. Only runs to be ended are other processes."""
    directory = plan.directory / name
    copy = workspace.prepare(plan.project, directory / "program")
    with LocalCloud(plan.project / "build" / "localcloud", copy.directory, speed=SPEED) as cloud:
        yield Worker(cloud, copy, partial(_engine, plan.engine, copy.directory), directory)


def _engine(name: str, program: Path, directory: Path) -> Engine:
    engine = AttachedEngine.create(name, program, directory, Console(quiet=True))
    engine.patience = PATIENCE
    return engine


def discover(plan: Plan, scenarios: Sequence[Scenario], signals: Sequence[Signal]) -> list[Point]:
    """Every point of the scenarios on one engine, found by running each undisturbed. Raises `ChaosError`."""
    with working(plan, "discovery") as worker:
        return [
            each
            for scenario in scenarios
            for each in points.points(plan.engine, scenario.name, worker.watch(scenario), signals)
        ]


def at(found: Sequence[Point], operations: Sequence[str]) -> list[Point]:
    """The points at these operations, all where none is named. Raises `ChaosError` for one that no run comes to."""
    there = {point.event.operation for point in found}
    if missing := [name for name in operations if name not in there]:
        raise ChaosError(f"no run comes to {', '.join(missing)}; there are {', '.join(sorted(there))}")
    return [point for point in found if not operations or point.event.operation in operations]


def sample(found: Sequence[Point], every: int, seed: int) -> list[Point]:
    """One of `every` points, in their order."""
    chosen = set(random.Random(seed).sample(range(len(found)), -(-len(found) // every)))  # noqa: S311 - no secret
    return [point for number, point in enumerate(found) if number in chosen]


def in_order(found: Sequence[Point]) -> list[Point]:
    """First ups and destroys take turns, since each begins where the other ends."""
    ups = [point for point in found if point.scenario == "first-up"]
    destroys = [point for point in found if point.scenario == "destroy"]
    turns = [point for point in chain.from_iterable(zip_longest(ups, destroys)) if point is not None]
    return turns + [point for point in found if point.scenario not in {"first-up", "destroy"}]


def attempt(plan: Plan, found: Sequence[Point], jobs: int) -> Iterator[Outcome]:
    """What became of each point, as it comes. Raises `ChaosError` where a process cannot go on."""
    context = multiprocessing.get_context("spawn")
    results: Queue[Outcome | str] = context.Queue()
    processes = [
        context.Process(target=_work, args=(plan, f"worker-{number}", in_order(found[number::jobs]), results))
        for number in range(jobs)
    ]
    for process in processes:
        process.start()
    try:
        for _ in found:
            yield _next(results, processes)
    except BaseException:
        for process in processes:
            process.terminate()
        raise
    finally:
        for process in processes:
            process.join()


def _next(results: Queue[Outcome | str], processes: Sequence[BaseProcess]) -> Outcome:
    while True:
        try:
            result = results.get(timeout=LOOKS_EVERY)
        except Empty:
            failed = [process for process in processes if process.exitcode]
            if failed:
                raise ChaosError(f"A worker ended with status {failed[0].exitcode}.") from None
            continue
        if isinstance(result, str):
            raise ChaosError(result)
        return result


def _work(plan: Plan, name: str, mine: Sequence[Point], results: Queue[Outcome | str]) -> None:
    """The life of a process: its points one by one, as long as the sweep goes on."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sweep = multiprocessing.parent_process()
    try:
        with working(plan, name) as worker:
            for point in mine:
                if sweep is not None and sweep.is_alive():
                    faulthandler.dump_traceback_later(GIVEN_UP_AFTER, exit=True)
                    results.put(worker.attempt(point))
                    faulthandler.cancel_dump_traceback_later()
    except ChaosError as error:
        results.put(str(error))
    except KeyboardInterrupt:
        return
