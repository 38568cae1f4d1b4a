"""The table on the screen, and build/chaos/report.{json,md}."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from chaos.points import Point
from chaos.worker import Outcome

COLUMNS: Final = ("engine", "scenario", "signal", "points", "tried", "survived", "seconds a point")
TEXTS: Final = 3
"""So many columns hold words, the others numbers."""


@dataclass
class Report:
    """What is known so far."""

    commit: str
    points: Sequence[Point]
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> list[Outcome]:
        """The points that were not survived."""
        return [outcome for outcome in self.outcomes if not outcome.survived]

    @property
    def all_survived(self) -> bool:
        """Whether every point was tried and survived."""
        return len(self.outcomes) == len(self.points) and not self.failed

    def summary(self) -> str:
        """The last line."""
        survived = len(self.outcomes) - len(self.failed)
        where = " and ".join(self._engines())
        return f"chaos: {survived} of {len(self.points)} points survived in {self.seconds:.0f} s on {where}"

    def rows(self) -> list[tuple[str, ...]]:
        """One row for each engine, scenario and signal."""
        return [self._row(kind) for kind in dict.fromkeys(_kind(point) for point in self.points)]

    def _engines(self) -> list[str]:
        return list(dict.fromkeys(point.engine for point in self.points))

    def _row(self, kind: tuple[str, ...]) -> tuple[str, ...]:
        wanted = [point for point in self.points if _kind(point) == kind]
        tried = [outcome for outcome in self.outcomes if _kind(outcome.point) == kind]
        survived = sum(outcome.survived for outcome in tried)
        mean = f"{sum(outcome.seconds for outcome in tried) / len(tried):.1f}" if tried else ""
        return *kind, str(len(wanted)), str(len(tried)), str(survived), mean

    def table(self) -> Table:
        """The rows for a screen."""
        table = Table(title=self.summary())
        for name in COLUMNS:
            table.add_column(name, justify="left" if name in COLUMNS[:TEXTS] else "right")
        for row in self.rows():
            table.add_row(*row, style="" if row[TEXTS + 1] == row[TEXTS + 2] else "bold red")
        return table

    def write(self, directory: Path) -> list[Path]:
        """Write report.json and report.md below `directory`; returns the files."""
        directory.mkdir(parents=True, exist_ok=True)
        texts = {"json": json.dumps(self._document(), indent=2) + "\n", "md": self._markdown()}
        files = []
        for ending, text in texts.items():
            files.append(directory / f"report.{ending}")
            files[-1].write_text(text)
        return files

    def _document(self) -> dict[str, Any]:
        tried = [{**asdict(outcome), "survived": outcome.survived} for outcome in self.outcomes]
        about = {"summary": self.summary(), "engines": self._engines(), "commit": self.commit}
        return {**about, "points": len(self.points), "seconds": round(self.seconds, 1), "outcomes": tried}

    def _markdown(self) -> str:
        lines = [
            f"# {self.summary()}",
            "",
            f"Commit: {self.commit}.",
            "",
            _line(COLUMNS),
            _line(["---"] * len(COLUMNS)),
        ]
        lines += [_line(row) for row in self.rows()]
        for outcome in self.failed:
            lines += ["", f"## {outcome.point}", "", "```", *outcome.problems, "```"]
        return "\n".join(lines) + "\n"


def _kind(point: Point) -> tuple[str, ...]:
    return point.engine, point.scenario, point.signal


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
