"""What is made of samples: medians, targets, the table, the parts of a demo."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import demo, report, service
from benchmarks.figures import Figure

pytestmark = pytest.mark.unit

KEPT = Figure("engine", "preview", "s", [1.6, 1.2, 1.4], 1.5)
MISSED = Figure("cost", "added", "%", [4.0, 6.0], 4.5)
PLAIN = Figure("start", "LiteLLM alone", "s", [7.0])


def test_median_spread_and_target() -> None:
    assert (KEPT.median, KEPT.spread, KEPT.met) == (1.4, (1.2, 1.6), True)
    assert (MISSED.median, MISSED.met) == (5.0, False)
    assert PLAIN.met is None


def test_a_median_on_the_target_keeps_it() -> None:
    assert Figure("engine", "preview", "s", [1.5], 1.5).met is True


def test_the_files_hold_every_figure(tmp_path: Path) -> None:
    figures = [KEPT, MISSED, PLAIN]
    results = report.document(figures, datetime(2026, 11, 24, tzinfo=UTC), "abc")
    report.write(tmp_path / "bench", results, figures)
    read = json.loads((tmp_path / "bench" / "results.json").read_text())
    assert (read["schema_version"], read["commit"], read["started"]) == (1, "abc", "2026-11-24T00:00:00+00:00")
    assert [(figure["name"], figure["median"], figure["met"]) for figure in read["figures"]] == [
        ("preview", 1.4, True),
        ("added", 5.0, False),
        ("LiteLLM alone", 7.0, None),
    ]
    lines = (tmp_path / "bench" / "results.md").read_text().splitlines()
    assert "| engine | preview | 1.40 s | 1.20 to 1.60 | 3 | 1.50 s | yes |" in lines
    assert "| cost | added | 5.00 % | 4.00 to 6.00 | 2 | 4.50 % | no |" in lines
    assert "| start | LiteLLM alone | 7.00 s | 7.00 to 7.00 | 1 |  |  |" in lines


def test_the_table_shows_figure_and_target_side_by_side() -> None:
    console = Console(file=io.StringIO(), width=120)
    report.show(console, [KEPT])
    assert isinstance(console.file, io.StringIO)
    (line,) = (line for line in console.file.getvalue().splitlines() if "preview" in line)
    assert line.split() == ["engine", "preview", "1.40", "s", "1.20", "to", "1.60", "3", "1.50", "s", "yes"]


def test_an_act_lasts_from_the_last_claim_of_the_one_before() -> None:
    claims = [
        {"act": "deploy", "seconds": 3.0},
        {"act": "deploy", "seconds": 20.0},
        {"act": "rotate", "seconds": 29.5},
        {"act": "destroy", "seconds": 31.0},
    ]
    assert demo.durations(claims) == {"deploy": 20.0, "rotate": 9.5, "destroy": 1.5}


def test_both_services_get_the_environment_of_the_image(root: Path) -> None:
    environment = service.image_environment(root / "services" / "litellm-gateway" / "Dockerfile")
    assert environment["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert environment["LITELLM_MODE"] == "PRODUCTION"
    assert all(name.isidentifier() and value for name, value in environment.items())
