"""The two forms of the evidence, and that a file is whole or absent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.acceptance import evidence
from gateway.acceptance.verdict import Result, Verdict

pytestmark = pytest.mark.unit

REPORT = evidence.Report(
    url="https://gateway.example",
    expected_deployment="d-1",
    seen_deployment="d-1",
    started=datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC),
    finished=datetime(2026, 11, 24, 12, 0, 3, 500_000, tzinfo=UTC),
    checks=[
        Result("health", Verdict.PASS, "healthy, 4 models", 12, "r-1"),
        Result("models", Verdict.FAIL, "a | b <b>*c*</b> [d](e) `f` \\", 7),
        Result("latency", Verdict.CANNOT_TELL, "skipped"),
    ],
)


def test_json() -> None:
    assert json.loads(evidence.as_json(REPORT)) == {
        "schema_version": 1,
        "url": "https://gateway.example",
        "expected_deployment": "d-1",
        "seen_deployment": "d-1",
        "started": "2026-11-24T12:00:00.000+00:00",
        "finished": "2026-11-24T12:00:03.500+00:00",
        "verdict": "fail",
        "checks": [
            {
                "name": "health",
                "verdict": "pass",
                "detail": "healthy, 4 models",
                "milliseconds": 12,
                "request_id": "r-1",
            },
            {
                "name": "models",
                "verdict": "fail",
                "detail": "a | b <b>*c*</b> [d](e) `f` \\",
                "milliseconds": 7,
                "request_id": None,
            },
            {"name": "latency", "verdict": "cannot tell", "detail": "skipped", "milliseconds": 0, "request_id": None},
        ],
    }


def test_markdown() -> None:
    lines = evidence.as_markdown(replace(REPORT, expected_deployment="d-2")).splitlines()
    assert lines[0] == "# Acceptance: fail"
    assert {"- Deployment: d-1", "- Wanted: d-2", "- Took: 3.5 s"} <= set(lines)
    assert lines[lines.index("| check | verdict | ms | detail | request |") - 1] == ""
    assert "| health | pass | 12 | healthy, 4 models | r-1 |" in lines
    assert r"| models | fail | 7 | a \| b \<b\>\*c\*\</b\> \[d\](e) \`f\` \\ |  |" in lines


def test_markdown_without_a_deployment() -> None:
    text = evidence.as_markdown(replace(REPORT, expected_deployment=None, seen_deployment=None))
    assert "- Deployment: unknown\n- Wanted: any\n" in text


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text("old")
    evidence.write(file, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.json"]
    assert file.read_text() == "new"


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        evidence.write(file, "half \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.json"]
    assert file.read_text() == "old"
