"""`python -m litellm_gateway.budget`, as whoever runs the gateway calls it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litellm_gateway.budget import __main__ as command
from litellm_gateway.budget.ledger import TOTAL
from litellm_gateway.budget.sqlite import SqliteLedger

pytestmark = pytest.mark.unit

CLIENT = [{"name": "team-a", "sha256": "9f" * 32, "daily_budget_usd": "2.00"}]
DOLLAR = 10**12
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; returns its exit status, what it wrote, and its errors."""
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("CONFIG_FILE_PATH", raising=False)

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("GATEWAY_CLIENT_KEYS", json.dumps(CLIENT))
        monkeypatch.setattr(sys, "argv", ["budget", *words])
        status = command.main()
        return status, *capsys.readouterr()

    return called


@pytest.fixture
def spending(ledger: SqliteLedger) -> None:
    ledger.settle("a", dict.fromkeys((TOTAL, "key:team-a", "provider:openai", "key:of-yesterday"), DOLLAR))
    ledger.reserve("b", {TOTAL: DOLLAR}, {})


def accounts(written: str) -> dict[str, Any]:
    return {entry["account"]: (entry["spent_usd"], entry["left_usd"]) for entry in json.loads(written)["accounts"]}


@pytest.mark.usefixtures("spending")
def test_the_day_is_shown_and_of_it_what_is_named(run: Run) -> None:
    status, written, errors = run("show")
    assert (status, errors, next(iter(accounts(written)))) == (0, "", TOTAL)
    whole = accounts(written)
    assert (whole[TOTAL], whole["key:team-a"]) == (("1.00", "8.00"), ("1.00", "1.00"))
    named = ("key:team-a", "provider:openai", "provider:google")
    assert accounts(run("show", *named)[1]) == {
        "key:team-a": ("1.00", "1.00"),
        "provider:openai": ("1.00", None),
        "provider:google": ("0.00", None),
    }


@pytest.mark.usefixtures("spending")
def test_a_reset_empties_what_is_named_or_everything_but_what_is_reserved(run: Run) -> None:
    assert accounts(run("reset", "key:team-a")[1]) == {"key:team-a": ("0.00", "2.00")}
    assert accounts(run("show")[1])[TOTAL] == ("1.00", "8.00")
    status, written, _ = run("reset")
    assert (status, accounts(written)) == (0, {TOTAL: ("0.00", "9.00"), "key:team-a": ("0.00", "2.00")})


@pytest.mark.usefixtures("spending")
@pytest.mark.parametrize("word", ["show", "reset"])
def test_an_account_that_there_is_not_is_refused_and_those_there_are_named(run: Run, word: str) -> None:
    status, written, errors = run(word, TOTAL, "team-a")
    assert (status, written) == (1, "")
    providers = "provider:anthropic, provider:openai, provider:google"
    known = f"total, {providers}, key:master, key:team-a, key:of-yesterday"
    assert errors == f"error: there is no account 'team-a', but {known}\n"
    assert accounts(run("show")[1])[TOTAL] == ("1.00", "8.00")


def test_without_a_ledger_the_command_says_where_it_looked(run: Run, tmp_path: Path) -> None:
    status, _, errors = run("reset")
    assert status == 1
    assert errors.startswith(f"error: there is no ledger {tmp_path / 'ledger.sqlite3'}: set GATEWAY_DATA_DIR")
    assert not list(tmp_path.iterdir())
