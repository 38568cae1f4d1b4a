"""docs/faults.md: each fault once, with tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
ROWS = re.findall(r"^\| F(\d+) \| (.+) \|$", (ROOT / "docs/faults.md").read_text(), re.MULTILINE)
TESTS = re.compile(r"`(tests/[\w/]+/test_\w+\.py)::(test_\w+)`")
FAULTS = 52
EXCUSE = 2
"""Cells of a row without a test: the fault, and why it does not concern this program."""


def test_each_fault_has_one_row_in_order() -> None:
    excused = [int(number) for number, row in ROWS if len(row.split(" | ")) == EXCUSE]
    tested = [int(number) for number, row in ROWS if len(row.split(" | ")) != EXCUSE]
    assert excused == sorted(excused)
    assert tested == sorted(tested)
    assert sorted(excused + tested) == list(range(1, FAULTS + 1))


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[f"F{number}" for number, _ in ROWS])
def test_each_row_names_tests_that_there_are_or_a_reason(number: str, row: str) -> None:
    cells = row.split(" | ")
    assert all(cells)
    if len(cells) == EXCUSE:
        return
    named = TESTS.findall(cells[-1])
    assert len(named) == cells[-1].count("::"), f"F{number} names no test, or something that is none"
    assert named
    for file, name in named:
        nodes = ast.walk(ast.parse((ROOT / file).read_text()))
        found = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        assert name in found, f"F{number}: {file} has no {name}"
