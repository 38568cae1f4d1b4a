"""What the benchmark of the gateway makes of its samples: figures, tables, a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks.figures import BenchmarkError, Figure
from benchmarks.gateway import page, plot, targets
from benchmarks.gateway.load import Load
from benchmarks.gateway.rounds import CLIENTS, Variant

pytestmark = pytest.mark.unit

RESULTS: dict[str, Any] = {
    "commit": "0123abc",
    "started": "2026-11-28T10:00:00+00:00",
    "machine": {"python": "3.11.7", "cpus": 2},
}


def variant(name: str, rate: int, cpu: float) -> Variant:
    """Two rounds of a second each, in which requests took 1, 2, 3, … milliseconds."""
    found = Variant(name, idle=300, after=320)
    for clients in CLIENTS:
        found.loads[clients] = [Load(clients, 1.0, tuple(float(each) for each in range(1, rate + 1)))] * 2
        found.cpu[clients] = [cpu, cpu]
    return found


@pytest.fixture
def measured() -> targets.Measured:
    variants = [
        variant("fake upstream", 5000, 0.1),
        variant("LiteLLM alone", 80, 10),
        variant("gateway", 100, 10.4),
        variant("gateway, <2> workers", 190, 10.5),
    ]
    others = [Figure("cost", "added", "%", [4.0, 4.0], 5), Figure("refusals", "CPU", "ms", [0.2, 0.2], 0.3)]
    return targets.Measured(variants, targets.figures([5.0], [5.4], variants, others))


def test_figures_are_held_against_their_targets(measured: targets.Measured) -> None:
    found = {figure.benchmark: (round(figure.median, 3), figure.met) for figure in measured.figures[:3]}
    assert found == {"workers": (0.526, True), "cost": (4.0, True), "refusals": (0.2, True)}
    assert measured.figures[-1].target == pytest.approx(5.5)


def test_percentiles_are_those_of_the_requests() -> None:
    load = Load(1, 2.0, tuple(float(each) for each in range(1, 101)))
    assert (load.rate, load.percentile(50)) == (50, 50.5)
    assert 95 <= load.percentile(95) <= 96
    assert load.percentile(99) > 99


def test_the_tables_go_between_the_marks_and_nowhere_else(measured: targets.Measured, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- gateway -->\nold\n<!-- /gateway -->\nafter\n")
    for _ in range(2):
        page.write(file, page.text(RESULTS, measured, 4))
    text = file.read_text()
    assert text.startswith("before\n<!-- gateway -->\nCommit 0123abc, ")
    assert text.endswith("<!-- /gateway -->\nafter\n")
    assert "old" not in text
    assert text.count("| gateway | 100 | 50.5 / 96.0 / 100.0 | 10.40 |") == 1
    assert "| cost: added | 4.00 % |" in text


def test_a_page_without_marks_is_left_alone(measured: targets.Measured, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("nothing here\n")
    with pytest.raises(BenchmarkError, match="has no marks"):
        page.write(file, "text")
    assert file.read_text() == "nothing here\n"


def test_the_picture_is_well_formed_and_shows_every_variant_but_the_upstream(measured: targets.Measured) -> None:
    picture = ET.fromstring(plot.svg(measured.variants))  # noqa: S314 - made here
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"LiteLLM alone", "gateway", "gateway, <2> workers", "100", "190"} <= set(texts)
    assert "fake upstream" not in texts
