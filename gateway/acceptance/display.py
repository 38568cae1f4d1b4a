"""What is shown while it runs: a live list on a terminal, else one plain line a check, flushed at once."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Protocol, Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from gateway.acceptance.evidence import Report
from gateway.acceptance.runner import Observer
from gateway.acceptance.verdict import Result, Verdict

STYLES: Final = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.CANNOT_TELL: "yellow"}


class Display(Observer, Protocol):
    """Shows a run from its start to its verdict."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing; leave what was shown."""


class PlainDisplay:
    """One line a check: verdict, name, time, detail."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to put back."""

    def started(self, name: str) -> None:
        """A line is written only when it is complete."""

    def finished(self, result: Result) -> None:
        """Write the line of one check."""
        self._out.write(
            f"{result.verdict.value:<11}  {result.name:<21}  {result.milliseconds:>6} ms  {result.detail}\n"
        )
        self._out.flush()


class LiveDisplay:
    """A list that grows, with the running check and its seconds in the last line."""

    def __init__(self, console: Console) -> None:
        self._results: list[Result] = []
        self._running: Spinner | None = None
        self._live = Live(
            console=console, get_renderable=self.render, refresh_per_second=8, vertical_overflow="visible"
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running = None
        self._live.stop()

    def started(self, name: str) -> None:
        """Show `name` as running."""
        self._running = Spinner("dots", Text(name))

    def finished(self, result: Result) -> None:
        """Add the line of one check."""
        self._running = None
        self._results.append(result)

    def render(self) -> RenderableType:
        """The list as it stands."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for result in self._results:
            verdict = Text(result.verdict.value, STYLES[result.verdict])
            table.add_row(verdict, result.name, Text(f"{result.milliseconds} ms", justify="right"), Text(result.detail))
        return Group(table, self._running) if self._running else table


def choose(out: TextIO) -> Display:
    """The live list where `out` is a terminal, else plain lines."""
    return LiveDisplay(Console(file=out)) if out.isatty() else PlainDisplay(out)


def last_line(report: Report) -> str:
    """The verdict, and how many checks came to what."""
    counts = {verdict: sum(result.verdict is verdict for result in report.checks) for verdict in Verdict}
    listed = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return f"verdict: {report.verdict.value} ({listed}) in {report.seconds:.1f} s"
