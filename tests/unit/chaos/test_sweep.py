"""How points are chosen, shared and told of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos import main, sweep
from chaos.points import Event, Point
from chaos.processes import ChaosError
from chaos.report import Report
from chaos.worker import Outcome

pytestmark = pytest.mark.unit


def point(scenario: str, count: int = 1, engine: str = "embedded") -> Point:
    return Point(engine, scenario, "SIGKILL", Event("state", "write", count), "before")


def test_a_sample_has_its_size_its_order_and_is_the_same_again() -> None:
    found = [point("update", count) for count in range(1, 21)]
    chosen = sweep.sample(found, 3, 7)
    assert len(chosen) == 7
    assert chosen == sorted(chosen, key=lambda each: each.event.count)
    assert chosen == sweep.sample(found, 3, 7)
    assert chosen != sweep.sample(found, 3, 8)
    assert sweep.sample(found, 1, 0) == found


def test_points_at_one_operation_can_be_asked_for() -> None:
    connects = Point("embedded", "first-up", "SIGKILL", Event("railway", "serviceConnect", 1), "after")
    found = [point("first-up"), connects]
    assert sweep.at(found, []) == found
    assert sweep.at(found, ["serviceConnect"]) == [connects]
    with pytest.raises(ChaosError, match="no run comes to lunch; there are serviceConnect, write"):
        sweep.at(found, ["lunch"])


def test_first_ups_and_destroys_take_turns() -> None:
    found = [point("first-up", 1), point("first-up", 2), point("update"), point("destroy", 1)]
    assert sweep.in_order(found) == [found[0], found[3], found[1], found[2]]


def test_only_a_whole_sweep_without_a_problem_is_survived(tmp_path: Path) -> None:
    found = [point("update"), point("destroy")]
    report = Report("c0ffee", found, [Outcome(found[0], (), 2.0)])
    assert not report.all_survived, "one was not tried"
    report.outcomes.append(Outcome(found[1], ("left over: X",), 4.0))
    assert not report.all_survived
    assert report.rows()[1] == ("embedded", "destroy", "SIGKILL", "1", "1", "0", "4.0")
    written, told = (file.read_text() for file in report.write(tmp_path))
    assert [each["survived"] for each in json.loads(written)["outcomes"]] == [True, False]
    assert "chaos: 1 of 2 points survived" in told
    assert "## destroy on embedded: SIGKILL before state write 1\n\n```\nleft over: X" in told
    report.outcomes[1] = Outcome(found[1], (), 4.0)
    assert report.all_survived


def test_the_report_names_the_engine_of_each_point() -> None:
    found = [point("update"), point("update", engine="pulumi")]
    report = Report("c0ffee", found, [Outcome(found[0], (), 2.0), Outcome(found[1], ("left over: X",), 4.0)])
    assert [row[:-1] for row in report.rows()] == [
        ("embedded", "update", "SIGKILL", "1", "1", "1"),
        ("pulumi", "update", "SIGKILL", "1", "1", "0"),
    ]
    assert report.summary().endswith("on embedded and pulumi")


def test_both_engines_are_tried_where_there_are_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main.engines(None) == ["embedded"]
    with pytest.raises(ChaosError, match="no `pulumi` on PATH"):
        main.engines(["pulumi"])
    (tmp_path / "pulumi").touch(mode=0o755)
    assert main.engines(None) == ["embedded", "pulumi"]
    assert main.engines(["pulumi", "pulumi"]) == ["pulumi"]


@pytest.mark.parametrize(
    "words", [["--engine", "nodejs"], ["--every", "0"], ["--jobs", "two"], ["--scenario", "lunch"], ["--signal", "15"]]
)
def test_options_without_sense_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main.parse(words)
    assert refused.value.code == 2
    assert words[0] in capsys.readouterr().err
