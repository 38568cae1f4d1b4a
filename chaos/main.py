"""`python -m chaos`: end runs of the real program at every point, run them again, and tell what was survived.

Exit status: 0 everything was survived; 1 not everything; 2 the sweep could not be made; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live

from chaos import sweep
from chaos.points import SIGNALS
from chaos.processes import ChaosError
from chaos.report import Report
from chaos.scenarios import BY_NAME
from chaos.sweep import Plan
from localcloud.core.working_copy import WorkingCopy
from localcloud.demo import engines

SURVIVED: Final = 0
NOT_SURVIVED: Final = 1
NOT_MADE: Final = 2
INTERRUPTED: Final = 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Kill it anywhere, run it again.")
    parser.add_argument("--scenario", action="append", choices=list(BY_NAME), help="one of these only; repeatable")
    parser.add_argument("--signal", action="append", choices=SIGNALS, help="one of these only; repeatable")
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
    plan = Plan(project, directory, engines.wanted())
    for notice in WorkingCopy(project).notices():
        console.print(f"note: {notice}", style="yellow", markup=False)
    console.print(f"engine: {plan.engine}; looking for the points", style="dim")
    scenarios = [BY_NAME[name] for name in options.scenario or BY_NAME]
    found = sweep.sample(sweep.discover(plan, scenarios, options.signal or SIGNALS), options.every, options.seed)
    report = Report(plan.engine, WorkingCopy(project).head, found)
    try:
        _try_all(plan, report, options.jobs, console, begun)
    finally:
        files = report.write(directory)
    console.print(f"report: {files[-1].relative_to(project)}", style="dim")
    console.print(report.summary())
    return SURVIVED if report.all_survived else NOT_SURVIVED


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True)
    return directory


def _try_all(plan: Plan, report: Report, jobs: int, console: Console, begun: float) -> None:
    """Try every point, and show how it goes: a table that grows on a terminal, else a line for each point."""
    with Live(report.table(), console=console, auto_refresh=False) as live:
        for outcome in sweep.attempt(plan, report.points, jobs):
            report.outcomes.append(outcome)
            report.seconds = time.monotonic() - begun
            if not outcome.survived:
                told = "\n  ".join((f"not survived: {outcome.point}", *outcome.problems))
                console.print(told, style="red", markup=False)
            elif not console.is_terminal:
                console.print(f"survived: {outcome.point} ({outcome.seconds:.1f} s)", markup=False)
            live.update(report.table(), refresh=console.is_terminal)
