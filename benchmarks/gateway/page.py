"""The tables in docs/performance.md."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import BenchmarkError
from benchmarks.gateway.rounds import CLIENTS
from benchmarks.report import row

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.gateway.rounds import Variant
    from benchmarks.gateway.targets import Measured

_MARKED: Final = re.compile(r"(<!-- gateway -->\n).*?(<!-- /gateway -->)", re.DOTALL)
_PERCENTILES: Final = (50, 95, 99)


def write(page: Path, text: str) -> None:
    """Put `text` between the marks of `page`. Raises BenchmarkError where they are not there."""
    written, found = _MARKED.subn(lambda match: f"{match[1]}{text}{match[2]}", page.read_text(encoding="utf-8"))
    if not found:
        raise BenchmarkError(f"{page} has no marks <!-- gateway --> and <!-- /gateway --> to write between")
    page.write_text(written, encoding="utf-8")


def text(results: Mapping[str, Any], measured: Measured, seconds: float) -> str:
    """Both tables, under the facts of the run."""
    machine = results["machine"]
    about = (
        f"Commit {results['commit']}, {results['started']}, Python {machine['python']}, {machine['cpus']} CPUs shared "
        f"with load and upstream; medians of {len(measured.figures[0].samples)} rounds of {seconds:g} s."
    )
    lines = [about, "", *_speeds(measured), "", *_targets(measured)]
    return "".join(f"{line}\n" for line in lines)


def _speeds(measured: Measured) -> Iterator[str]:
    heads = [f"{clients} client{'s' * (clients > 1)}: req/s" for clients in CLIENTS]
    cells = [cell for head in heads for cell in (head, "p50 / p95 / p99 ms", "CPU ms")]
    yield _line(["", *cells, "memory MB idle", "after load"])
    yield _line(["---", *["---:"] * (len(cells) + 2)])
    for variant in measured.variants:
        yield _line([variant.name, *_loads(variant), f"{variant.idle:.0f}", f"{variant.after:.0f}"])


def _loads(variant: Variant) -> Iterator[str]:
    for clients in CLIENTS:
        loads = variant.loads[clients]
        yield f"{statistics.median(load.rate for load in loads):.0f}"
        medians = (statistics.median(load.percentile(each) for load in loads) for each in _PERCENTILES)
        yield " / ".join(f"{median:.1f}" for median in medians)
        yield f"{statistics.median(variant.cpu[clients]):.2f}"


def _targets(measured: Measured) -> Iterator[str]:
    yield _line(["figure", "median", "spread", "target, at most", "kept"])
    yield _line(["---", "---:", "---:", "---:", "---"])
    for figure in measured.figures:
        name, label, median, spread, _, target, kept = row(figure)
        yield _line([f"{name}: {label}", median, spread, target, kept])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
