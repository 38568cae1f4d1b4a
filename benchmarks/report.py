"""The table on the screen and the same in build/bench/results.{json,md}."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

SCHEMA_VERSION = 1
COLUMNS = ("benchmark", "figure", "median", "spread", "rounds", "target", "kept")


def document(figures: Sequence[Figure], started: datetime, commit: str) -> dict[str, Any]:
    """The results and what they were measured on; times in UTC."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform(terse=True)}
    return {
        "schema_version": SCHEMA_VERSION,
        "started": started.isoformat(timespec="seconds"),
        "commit": commit,
        "machine": machine,
        "figures": [asdict(figure) | {"median": figure.median, "met": figure.met} for figure in figures],
    }


def write(directory: Path, results: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Write results.json and results.md into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    (directory / "results.md").write_text(markdown(results, figures), encoding="utf-8")


def markdown(results: dict[str, Any], figures: Sequence[Figure]) -> str:
    """The results as a table under the facts of the run."""
    machine = results["machine"]
    run = f"Commit {results['commit']}, {results['started']}."
    about = f"{run} Python {machine['python']}, {machine['cpus']} CPUs, {machine['system']}."
    lines = [
        "# Benchmarks",
        "",
        about,
        "",
        f"| {' | '.join(COLUMNS)} |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [f"| {' | '.join(row(figure))} |" for figure in figures]
    return "\n".join(lines) + "\n"


def show(console: Console, figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(*COLUMNS, box=None, padding=(0, 2, 0, 0))
    for figure in figures:
        table.add_row(*row(figure), style="red" if figure.met is False else None)
    console.print(table)


def row(figure: Figure) -> tuple[str, ...]:
    """The cells of one figure."""
    low, high = figure.spread
    target = "" if figure.target is None else f"{figure.target:.2f} {figure.unit}"
    kept = {True: "yes", False: "no", None: ""}[figure.met]
    median, spread = f"{figure.median:.2f} {figure.unit}", f"{low:.2f} to {high:.2f}"
    return figure.benchmark, figure.name, median, spread, str(len(figure.samples)), target, kept
