"""`python -m chaos`: end runs of the real program at every point, run them again, and tell what was survived.

Exit status: 0 everything was survived; 1 not everything; 2 the sweep could not be made; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live

from chaos import sweep
from chaos.points import SIGNALS, Point
from chaos.processes import ChaosError
from chaos.report import Report
from chaos.scenarios import BY_NAME
from chaos.sweep import Plan
from localcloud.core.working_copy import WorkingCopy

SURVIVED: Final = 0
NOT_SURVIVED: Final = 1
NOT_MADE: Final = 2
INTERRUPTED: Final = 130
EMBEDDED: Final = "embedded"
CLI: Final = "pulumi"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Kill it anywhere, run it again.")
    told = "this one only; repeatable (embedded, and pulumi where it is on PATH)"
    parser.add_argument("--engine", action="append", choices=[EMBEDDED, CLI], help=told)
    parser.add_argument("--scenario", action="append", choices=list(BY_NAME), help="one of these only; repeatable")
    parser.add_argument("--signal", action="append", choices=SIGNALS, help="one of these only; repeatable")
    told = "points at this call only, e.g. serviceConnect; write or judges for the state's and the gate's; repeatable"
    parser.add_argument("--operation", action="append", metavar="NAME", help=told)
    parser.add_argument("--every", type=_positive, default=1, metavar="N", help="try one of N points (1: all)")
    parser.add_argument("--seed", type=int, default=0, help="which of them (0)")
    parser.add_argument("--jobs", type=_positive, default=2, metavar="N", help="local clouds side by side (2)")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def main(arguments: Sequence[str]) -> int:
    """Sweep the project in the current directory; returns the exit status."""
    options, console = parse(arguments), Console(highlight=False)
    try:
        return _sweep(options, Path.cwd(), console)
    except (ChaosError, ValueError) as error:
        console.print(f"error: {error}", style="bold red", markup=False)
        return NOT_MADE
    except KeyboardInterrupt:
        console.print("interrupted: everything that was started is ended", style="bold red")
        return INTERRUPTED


def _sweep(options: argparse.Namespace, project: Path, console: Console) -> int:
    begun = time.monotonic()
    directory = project / "build" / "chaos"
    shutil.rmtree(directory, ignore_errors=True)
    os.environ["TMPDIR"] = str(_made(directory / "temporary"))  # whoever is killed cannot tidy up
    plans = [Plan(project, directory / name, name) for name in engines(options.engine)]
    for notice in WorkingCopy(project).notices():
        console.print(f"note: {notice}", style="yellow", markup=False)
    report = Report(WorkingCopy(project).head, [point for plan in plans for point in _points(plan, options, console)])
    try:
        _try_all(plans, report, options.jobs, console, begun)
    finally:
        files = report.write(directory)
    console.print(f"report: {files[-1].relative_to(project)}", style="dim")
    console.print(report.summary())
    return SURVIVED if report.all_survived else NOT_SURVIVED


def engines(asked: Sequence[str] | None) -> list[str]:
    """What is asked for, else all there are. Raises `ChaosError` for one that is not there."""
    there = shutil.which(CLI) is not None
    if asked and CLI in asked and not there:
        raise ChaosError(
            f"--engine {CLI}, but there is no `{CLI}` on PATH: install it, or try the embedded engine alone"
        )
    return list(dict.fromkeys(asked)) if asked else [EMBEDDED, *([CLI] if there else [])]


def _points(plan: Plan, options: argparse.Namespace, console: Console) -> list[Point]:
    console.print(f"engine: {plan.engine}; looking for the points", style="dim")
    scenarios = [BY_NAME[name] for name in options.scenario or BY_NAME]
    found = sweep.at(sweep.discover(plan, scenarios, options.signal or SIGNALS), options.operation or [])
    return sweep.sample(found, options.every, options.seed)


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True)
    return directory


def _try_all(plans: Sequence[Plan], report: Report, jobs: int, console: Console, begun: float) -> None:
    """Try every point, and show how it goes: a table that grows on a terminal, else a line for each point."""
    attempts = (
        sweep.attempt(plan, [each for each in report.points if each.engine == plan.engine], jobs) for plan in plans
    )
    with Live(report.table(), console=console, auto_refresh=False) as live:
        for outcome in chain.from_iterable(attempts):
            report.outcomes.append(outcome)
            report.seconds = time.monotonic() - begun
            if not outcome.survived:
                told = "\n  ".join((f"not survived: {outcome.point}", *outcome.problems))
                console.print(told, style="red", markup=False)
            elif not console.is_terminal:
                console.print(f"survived: {outcome.point} ({outcome.seconds:.1f} s)", markup=False)
            live.update(report.table(), refresh=console.is_terminal)
