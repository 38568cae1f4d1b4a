"""`python -m benchmarks [NAME…]`: measure, show a table, write build/bench/results.{json,md}.

Exit status: 0 measured, whether or not targets are kept; 1 something could not be measured.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console

from benchmarks import cost, demo, engine, local_cloud, report, start
from benchmarks.figures import BenchmarkError, Figure

ROOT: Final = Path(__file__).resolve().parent.parent
DIRECTORY: Final = ROOT / "build" / "bench"
NAMES: Final = ("engine", "start", "cost", "demo")
ROUNDS: Final = 5
INTERRUPTED: Final = 130
FILE_WIDTH: Final = 120


def main(argv: Sequence[str] | None = None) -> int:
    """Run the named measurements, all of them where none is named. What was measured is kept when a later one fails."""
    options = _options(argv)
    console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
    started, figures, status = datetime.now(UTC), list[Figure](), 0
    try:
        for figure in measure(options.names or NAMES, options.rounds, console):
            figures.append(figure)
    except (BenchmarkError, httpx.HTTPError) as error:
        console.print(f"not measured: {error}", markup=False, style="red")
        status = 1
    report.write(DIRECTORY, report.document(figures, started, commit()), figures)
    report.show(console, figures)
    console.print(f"written: {DIRECTORY / 'results.json'} and results.md", markup=False)
    return status


def measure(names: Sequence[str], rounds: int, console: Console) -> Iterator[Figure]:
    """The figures of the named measurements, as they come. Raises BenchmarkError."""
    on_the_cloud: dict[str, Callable[[local_cloud.LocalCloud], list[Figure]]] = {
        "engine": lambda cloud: engine.measure(cloud, rounds),
        "start": lambda cloud: start.measure(cloud.service(), rounds),
        "cost": lambda cloud: cost.measure(cloud.service(), rounds),
    }
    if set(names) & set(on_the_cloud):
        with local_cloud.running(ROOT, DIRECTORY) as cloud:
            if "engine" in names:
                yield engine.first_preview(cloud, rounds)
            console.print("deploying the gateway on a local cloud", style="dim")
            cloud.deploy()
            for name in (name for name in on_the_cloud if name in names):
                console.print(f"measuring {name}, {rounds} rounds", style="dim")
                yield from on_the_cloud[name](cloud)
    if "demo" in names:
        console.print(f"measuring demo, {rounds} rounds", style="dim")
        yield from demo.measure(ROOT, DIRECTORY / "logs", rounds)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure what the project promises.")
    parser.add_argument("names", nargs="*", type=_name, metavar="NAME", help=f"one of {', '.join(NAMES)}; default: all")
    parser.add_argument(
        "--rounds", type=_rounds, default=ROUNDS, metavar="N", help=f"samples of each figure ({ROUNDS})"
    )
    return parser.parse_args(argv)


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no measurement {text!r}; there are {', '.join(NAMES)}")
    return text


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds; give a whole number from 1")
    return int(text)


def commit() -> str:
    """What is measured, with a word where the checkout differs from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    with contextlib.suppress(OSError):
        shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
        return shown.stdout.strip() or "unknown"
    return "unknown"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
