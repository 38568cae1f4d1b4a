"""What is left for the record: one JSON and one Markdown form, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.acceptance.verdict import Result, Verdict, overall

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class Report:
    """One run. Times are in UTC; `expected_deployment` is None where none was asked for."""

    url: str
    expected_deployment: str | None
    seen_deployment: str | None
    started: datetime
    finished: datetime
    checks: Sequence[Result]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the gateway."""
        return overall(self.checks)

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished - self.started).total_seconds()


def as_json(report: Report) -> str:
    """The report as JSON; `schema_version` changes when a field changes its meaning or goes."""
    evidence: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "url": report.url,
        "expected_deployment": report.expected_deployment,
        "seen_deployment": report.seen_deployment,
        "started": report.started.isoformat(timespec="milliseconds"),
        "finished": report.finished.isoformat(timespec="milliseconds"),
        "verdict": report.verdict.value,
        "checks": [asdict(result) | {"verdict": result.verdict.value} for result in report.checks],
    }
    return json.dumps(evidence, indent=2, ensure_ascii=False) + "\n"


def as_markdown(report: Report) -> str:
    """The report as a heading, the facts of the run and a table of its checks."""
    facts = {
        "URL": report.url,
        "Deployment": report.seen_deployment or "unknown",
        "Wanted": report.expected_deployment or "any",
        "Started": report.started.isoformat(timespec="seconds"),
        "Took": f"{report.seconds:.1f} s",
    }
    lines = [f"# Acceptance: {report.verdict.value}", ""]
    lines += [f"- {name}: {_cell(value)}" for name, value in facts.items()]
    lines += ["", "| check | verdict | ms | detail | request |", "| --- | --- | ---: | --- | --- |"]
    for result in report.checks:
        cells = (result.name, result.verdict.value, str(result.milliseconds), result.detail, result.request_id or "")
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, so that a reader never sees half of it. Raises OSError."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cell(text: str) -> str:
    for character in "\\|`*_[]<>":
        text = text.replace(character, f"\\{character}")
    return text
