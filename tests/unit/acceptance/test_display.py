"""Plain lines for programs, a list for people, and the last line for both."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from gateway.acceptance import display
from gateway.acceptance.evidence import Report
from gateway.acceptance.verdict import Result, Verdict

pytestmark = pytest.mark.unit

RESULTS = [
    Result("health", Verdict.PASS, "healthy, 4 models", 12),
    Result("routing:claude-sonnet", Verdict.FAIL, "gpt-4o [bold]stood in[/bold]", 1234),
    Result("latency", Verdict.CANNOT_TELL, "skipped", 0),
]


class Terminal(io.StringIO):
    """Counts flushes and says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.flushes = 0
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def flush(self) -> None:
        self.flushes += 1


def test_one_plain_line_a_check_as_it_happens() -> None:
    out = Terminal(terminal=False)
    with display.choose(out) as shown:
        for count, result in enumerate(RESULTS, start=1):
            shown.started(result.name)
            shown.finished(result)
            assert len(out.getvalue().splitlines()) == out.flushes == count
    assert out.getvalue() == (
        "pass         health                     12 ms  healthy, 4 models\n"
        "fail         routing:claude-sonnet    1234 ms  gpt-4o [bold]stood in[/bold]\n"
        "cannot tell  latency                     0 ms  skipped\n"
    )


def test_a_terminal_gets_the_live_list() -> None:
    assert isinstance(display.choose(Terminal(terminal=True)), display.LiveDisplay)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, record=True, _environ={"TERM": "xterm"})


def test_the_live_list_is_left_on_the_terminal(console: Console) -> None:
    with display.LiveDisplay(console) as shown:
        for result in RESULTS:
            shown.started(result.name)
            shown.finished(result)
    lines = console.export_text().splitlines()
    for result in RESULTS:
        assert any(result.verdict.value in line and result.name in line and result.detail in line for line in lines)


def test_the_live_list_ends_with_what_runs(console: Console) -> None:
    shown = display.LiveDisplay(console)
    shown.finished(RESULTS[0])
    shown.started("streaming")
    console.print(shown.render())
    assert [line.split()[1] for line in console.export_text().splitlines()] == ["health", "streaming"]


def test_the_last_line_counts() -> None:
    started = datetime(2026, 11, 24, tzinfo=UTC)
    report = Report("https://gateway.example", None, None, started, started + timedelta(seconds=2.04), RESULTS)
    assert display.last_line(report) == "verdict: fail (1 pass, 1 fail, 1 cannot tell) in 2.0 s"
