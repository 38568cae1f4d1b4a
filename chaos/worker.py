"""Tries points, one after the other, on a local cloud of its own."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos import scenarios, survival
from chaos.points import GATE, STATE, Event, Point, Recorder, events
from chaos.processes import ChaosError, end_all, working_in
from chaos.runs import Ended, started, writes
from chaos.scenarios import Scenario
from chaos.striker import Striker, watching
from localcloud.cloud import LocalCloud
from localcloud.demo.claims import Claims
from localcloud.demo.commands import Result
from localcloud.demo.engines import Engine
from localcloud.demo.stage import Stage
from localcloud.demo.workspace import Workspace
from localcloud.railway import Speed

SPEED: Final = Speed(step=0.01)
"""A status of a deployment lasts this many seconds, so that a run takes what the program takes."""

OFTEN: Final = {"deployments_per_minute": 1000}
"""An hour's deployments pass in a minute here, which Railway would refuse."""

GATE_MODULE: Final = "gateway.acceptance"
JUDGED: Final = "Judging "
"""What the provider says when it starts a gate."""
MakeEngine = Callable[[Path], Engine]


@dataclass(frozen=True)
class Outcome:
    """What became of one point; it survived where there are no problems. `seconds` is how long it took in all."""

    point: Point
    problems: tuple[str, ...]
    seconds: float

    @property
    def survived(self) -> bool:
        """Whether everything held."""
        return not self.problems


class Worker:
    """Goes from one point to the next without starting anew: what survived is a good place to begin from.

    `make_engine` gives an engine for the program in the copy, with its state and logs below a directory.
    """

    def __init__(self, cloud: LocalCloud, copy: Workspace, make_engine: MakeEngine, directory: Path) -> None:
        self._cloud = cloud
        self._copy = copy
        self._make_engine = make_engine
        self._directory = directory
        self._stacks = 0
        self._deployed = False
        self.stage = self._new_stage()

    def watch(self, scenario: Scenario) -> list[Event]:
        """What an undisturbed run of the scenario does. Raises `ChaosError` where it does not end as it should."""
        self._prepare(scenario)
        self._cloud.faults.watch = recorder = Recorder()
        before = len(self.stage.deployments())
        ended = self._end(scenario)
        self._cloud.faults.watch = None
        if ended.status != scenario.status:
            raise ChaosError(f"{scenario.name} fails undisturbed, with status {ended.status}:\n{ended.output}")
        if (made := len(self.stage.deployments()) - before) != scenario.deployments:
            raise ChaosError(f"{scenario.name} makes {made} deployments undisturbed, not {scenario.deployments}")
        found = events(recorder.calls, writes(self._journal), ended.output.count(JUDGED))
        if problems := self._recovered(scenario):
            raise ChaosError(f"{scenario.name} does not hold undisturbed: {'; '.join(problems)}")
        return found

    def attempt(self, point: Point) -> Outcome:
        """End a run at `point`, run it again, and look whether everything holds."""
        begun = time.monotonic()
        scenario = scenarios.BY_NAME[point.scenario]
        problems = self._problems(scenario, point)
        if problems:
            self._start_anew()
        return Outcome(point, tuple(problems), time.monotonic() - begun)

    def _problems(self, scenario: Scenario, point: Point) -> list[str]:
        self._prepare(scenario)
        before = len(self.stage.deployments())
        struck, ended = self._struck(scenario, point)
        if not struck:
            problems = self._recovered(scenario)
            earlier = point.earlier()
            return problems or (self._problems(scenario, earlier) if earlier else [f"it never came to {point.event}"])
        serves = scenario.deployed and scenario.verb == "up"
        made = len(self.stage.deployments()) - before
        found = [*survival.deployments_made(made, scenario.deployments, "the ended run")]
        found += survival.after_the_end(self.stage, ended, point.signal, deployed=serves)
        if point.signal == "SIGKILL" and self.stage.engine.name == "pulumi":
            found += self._cancelled()
        return found + self._recovered(scenario)

    def _cancelled(self) -> list[str]:
        """What the CLI asks for after a run that was killed: take its lock away, and look at what it was doing."""
        end_all(self._copy.directory)
        environment = self.stage.environment()
        self.stage.engine.cancel(environment)
        looked = self.stage.engine.refresh(environment, "--clear-pending-creates")
        return [] if looked.status == 0 else [f"the refresh ended with status {looked.status}: {looked.output}"]

    def _struck(self, scenario: Scenario, point: Point) -> tuple[bool, Ended]:
        """(whether the run came to the point, how it ended)."""
        if point.event.service == STATE:
            ended = self._end(scenario, point)
            return writes(self._journal) >= point.event.count, ended
        with started(self.stage, scenario.verb, self._journal) as run:
            if point.event.service == GATE:
                with watching(self._gate_runs, lambda: run.signal(point.signal)) as struck:
                    ended = run.end()
                return struck.is_set(), ended
            striker = Striker(point, lambda: run.signal(point.signal), self._is_over)
            self._cloud.faults.watch = striker
            ended = run.end()
            self._cloud.faults.watch = None
        return striker.struck, ended

    def _end(self, scenario: Scenario, point: Point | None = None) -> Ended:
        with started(self.stage, scenario.verb, self._journal, point) as run:
            return run.end()

    def _recovered(self, scenario: Scenario) -> list[str]:
        """Do what the user does after the run, and what does not hold then."""
        before = len(self.stage.deployments())
        scenario.mend(self.stage)
        try:
            result = self._verb(scenario.verb)
            self._deployed = scenario.verb == "up"
            made = len(self.stage.deployments()) - before
            many = survival.deployments_made(made, int(self._deployed), "the next run")
            return [*many, *survival.after_the_next_run(self.stage, result, deployed=self._deployed)]
        except subprocess.TimeoutExpired as error:
            return [f"{' '.join(error.cmd)} did not end within {error.timeout:.0f} s"]

    def _verb(self, verb: str) -> Result:
        run = self.stage.engine.up if verb == "up" else self.stage.engine.destroy
        return run(self.stage.environment())

    def _prepare(self, scenario: Scenario) -> None:
        """Bring the stack to where the scenario begins."""
        if scenario.deployed != self._deployed:
            result = self._verb("up" if scenario.deployed else "destroy")
            if result.status != 0:
                raise ChaosError(f"The stack cannot be prepared for {scenario.name}:\n{result.output}")
            self._deployed = scenario.deployed
        scenario.change(self.stage)

    def _start_anew(self) -> None:
        """Leave a stack that did not survive, with everything it has."""
        end_all(self._copy.directory)
        self._cloud.reset()
        self._deployed = False
        self.stage = self._new_stage()

    def _new_stage(self) -> Stage:
        self._stacks += 1
        self._cloud.railway.seed({"behaviour": OFTEN})
        directory = self._directory / f"stack-{self._stacks}"
        shutil.rmtree(directory, ignore_errors=True)
        engine = self._make_engine(directory)
        stage = Stage(self._cloud, engine, self._copy, directory, Claims(engine.console, engine.name, ""))
        engine.prepare(stage.environment())
        return stage

    def _gate_runs(self) -> bool:
        return any(GATE_MODULE in command for command in working_in(self._copy.directory).values())

    def _is_over(self) -> bool:
        return not working_in(self._copy.directory)

    @property
    def _journal(self) -> Path:
        return self.stage.directory / "writes"
