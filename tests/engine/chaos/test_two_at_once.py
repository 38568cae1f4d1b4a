"""Two runs at once: on one state, and on two states that mean the same service."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.processes import end_all
from chaos.runs import Run, started
from localcloud.cloud import LocalCloud
from localcloud.core.faults import Moment
from localcloud.demo.claims import Claims
from localcloud.demo.commands import Result
from localcloud.demo.stage import Stage
from localcloud.demo.workspace import Workspace
from tests.engine.chaos.conftest import MakeEngine

pytestmark = pytest.mark.engine
PATIENCE = 60.0
AGE = {"embedded": r"\(up, for \d+ s\)", "pulumi": r"\(pid \d+\) at \d{4}-\d\d-\d\dT"}
"""How each engine says how old a lock is."""


class Hold:
    """A watch that holds the calls of one operation until they are released."""

    def __init__(self, operation: str) -> None:
        self.reached, self.released = threading.Event(), threading.Event()
        self._operation = operation

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        if (operation, moment) == (self._operation, "before"):
            self.reached.set()
            await asyncio.to_thread(self.released.wait, PATIENCE)
        return True


@pytest.fixture(params=["embedded", "pulumi"])
def stages(
    request: pytest.FixtureRequest, cloud: LocalCloud, make_engine: MakeEngine, tmp_path: Path
) -> tuple[Stage, Stage]:
    """Two empty stacks of the same name on an empty local cloud, each with a state of its own."""
    name: str = request.param
    if name == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    cloud.reset()
    first, second = (_stage(cloud, make_engine, tmp_path / number, name) for number in ("first", "second"))
    return first, second


def _stage(cloud: LocalCloud, make_engine: MakeEngine, directory: Path, name: str) -> Stage:
    engine = make_engine(directory, name)
    copy = Workspace(cloud.working_copy.directory, cloud.working_copy.versioned)
    stage = Stage(cloud, engine, copy, directory, Claims(engine.console, name, ""))
    engine.prepare(stage.environment())
    return stage


@pytest.fixture
def held(stages: tuple[Stage, Stage], tmp_path: Path) -> Iterator[tuple[Stage, Run, Hold]]:
    """A stack whose first up is held while it makes the service."""
    stage = stages[0]
    stage.cloud.faults.watch = hold = Hold("serviceCreate")
    with started(stage, "up", tmp_path / "writes") as run:
        assert hold.reached.wait(PATIENCE)
        yield stage, run, hold
    hold.released.set()
    stage.cloud.faults.watch = None
    end_all(stage.workspace.directory)


def up(stage: Stage) -> Result:
    return stage.engine.up(stage.environment())


def test_another_state_does_not_take_over_what_this_one_made(stages: tuple[Stage, Stage]) -> None:
    first, second = stages
    assert up(first).status == 0
    (service,) = first.cloud.railway.state()["services"]
    first.cloud.calls.clear()
    for refused in (second.engine.preview(second.environment()), up(second)):
        assert refused.status != 0, refused.output
        assert f"{service['id']} and was not made by this stack" in refused.output.replace("\\n", "\n")
        assert "pulumi import" in refused.output
    assert [call.operation for call in first.cloud.calls.list() if call.kind == "mutation"] == []
    assert first.engine.up(first.environment(), "--expect-no-changes").status == 0


def test_the_second_run_is_told_who_holds_the_lock(held: tuple[Stage, Run, Hold]) -> None:
    stage, run, hold = held
    refused = up(stage)
    assert refused.status != 0
    assert "locked by" in refused.output
    assert str(run.pid) in refused.output
    assert re.search(AGE[stage.engine.name], refused.output), refused.output
    hold.released.set()
    assert run.end().status == 0
    assert len(stage.cloud.railway.state()["services"]) == 1


def test_the_lock_of_a_run_that_was_killed_can_be_taken_away(held: tuple[Stage, Run, Hold]) -> None:
    stage, run, hold = held
    run.signal("SIGKILL")
    assert run.end().status == -signal.SIGKILL
    hold.released.set()
    again = up(stage)
    if stage.engine.name == "pulumi":
        assert "pulumi cancel" in again.output
        assert stage.engine.cancel(stage.environment()).status == 0
        again = up(stage)
    assert again.status == 0, again.output
    assert len([each for each in stage.cloud.railway.state()["services"] if not each["deletedAt"]]) == 1
