"""The list of clients' keys in its secret."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from litellm_gateway import client_list
from litellm_gateway.clients import Client, digest
from litellm_gateway.errors import StartError

pytestmark = pytest.mark.unit

MASTER_KEY = "sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
KEY = "sk-f0e1d2c3b4a5968778695a4b3c2d1e0f"
MODELS = ["gpt-4o", "gemini-flash"]
GOOD: dict[str, Any] = {"name": "team-a", "key": KEY}


def read(entries: Any) -> tuple[Client, ...]:
    text = entries if isinstance(entries, str) else json.dumps(entries)
    return client_list.read(text, MASTER_KEY, MODELS)


def refusal(entries: Any) -> str:
    with pytest.raises(StartError) as caught:
        read(entries)
    text = str(caught.value)
    assert text.startswith("GATEWAY_CLIENT_KEYS")
    assert KEY not in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("text", ["", "  \n", "[]", "# nobody yet"])
def test_without_a_list_there_is_the_master_key_alone(text: str) -> None:
    assert read(text) == ()


def test_an_entry_needs_a_name_and_a_key_and_is_then_bounded_by_nothing_of_its_own() -> None:
    (client,) = read([GOOD])
    assert client == Client("team-a", digest(KEY))
    assert client.account == "key:team-a"
    assert KEY not in repr(client)
    assert digest(KEY).hex() not in repr(client)


def test_the_same_list_as_yaml_and_with_a_digest() -> None:
    text = f"""
    - name: team-a
      sha256: {digest(KEY).hex()}
      daily_budget_usd: 2.5
      models: [gpt-4o]
      expires: 2027-01-31
    """
    end = dt.datetime(2027, 1, 31, tzinfo=dt.UTC)
    expected = Client("team-a", digest(KEY), Decimal("2.5"), frozenset({"gpt-4o"}), end)
    assert read(text) == (expected,)
    as_json = {**GOOD, "daily_budget_usd": "2.5", "models": ["gpt-4o"], "expires": "2027-01-31"}
    assert read([as_json]) == (expected,)


def test_a_list_has_an_end() -> None:
    clients = [{"name": f"team-{number}", "sha256": f"{number:064x}"} for number in range(1001)]
    assert len(read(clients[:1000])) == 1000
    assert "has to be a list of up to 1000 keys" in refusal(clients)


@pytest.mark.parametrize("expires", ["2027-01-31T02:00:00+02:00", "2027-01-31T00:00:00Z"])
def test_an_end_may_be_a_time_with_its_offset(expires: str) -> None:
    (client,) = read([{**GOOD, "expires": expires}])
    assert client.expires == dt.datetime(2027, 1, 31, tzinfo=dt.UTC)
    assert read(f"[{{name: team-a, key: {KEY}, expires: {expires}}}]") == (client,)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": None}, "entry 2 has no name"),
        ({"name": "master"}, "has no name: up to 64 lower-case letters"),
        ({"name": "Team A"}, "entry 2 has no name"),
        ({"name": KEY}, "entry 2 has no name"),
        ({"key": None}, "entry 2 ('team-b') has to have either key or sha256"),
        ({"sha256": "0" * 64}, "has to have either key or sha256"),
        ({"key": None, "sha256": "0" * 63}, "has a sha256 that is not 64 hexadecimal digits"),
        ({"key": None, "sha256": KEY}, "has a sha256 that is not 64 hexadecimal digits"),
        ({"key": "f" * 40}, "has a key that does not start with sk-"),
        ({"key": "sk-12345"}, "has a key that is a placeholder or too short"),
        ({"key": KEY + " "}, "has a key that holds white space"),
        ({"key": 5}, "has a key that is not set"),
        ({"daily_budget_usd": 0}, "has a daily_budget_usd that is not an amount above 0"),
        ({"daily_budget_usd": KEY}, "has a daily_budget_usd that is not an amount"),
        ({"models": []}, "has models that are not a list of some of gpt-4o, gemini-flash"),
        ({"models": ["gpt-5"]}, "has models that are not a list of some of"),
        ({"models": [["gpt-4o"]]}, "has models that are not a list of some of"),
        ({"models": "gpt-4o"}, "has models that are not a list of some of"),
        ({"expires": "soon"}, "has an expires that is neither a day"),
        ({"expires": "2027-02-30"}, "has an expires that is neither a day"),
        ({"expires": "2027-01-31T10:00:00"}, "nor a time with its offset"),
        ({"expires": 2027}, "has an expires that is neither a day"),
        ({"budget": 5}, "entry 2 ('team-b') has to be an object with no other fields than name, key, sha256"),
        ({"name": "team-a"}, "entry 2 ('team-a') has the name of another entry"),
        ({"key": MASTER_KEY}, "entry 2 ('team-b') has the same key as 'master'"),
        ({"key": KEY}, "entry 2 ('team-b') has the same key as 'team-a'"),
    ],
)
def test_a_problem_names_its_entry_and_shows_no_key(change: dict[str, Any], problem: str) -> None:
    second = {"name": "team-b", "key": KEY[:-1] + "e", **change}
    assert problem in refusal([GOOD, {name: value for name, value in second.items() if value is not None}])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"[{{name: a, key: {KEY}", "cannot be read as JSON or YAML, line 1, column"),
        (f"key: {KEY}", "has to be a list of up to 1000 keys"),
        (KEY, "has to be a list"),
        (f"[{KEY}]", "entry 1 has to be an object with no other fields"),
        ("[" * 5000, "cannot be read as JSON or YAML"),
        ("[2027-02-30]", "cannot be read as JSON or YAML"),
    ],
)
def test_what_is_no_list_of_keys(text: str, problem: str) -> None:
    assert problem in refusal(text)


def test_all_problems_come_together() -> None:
    text = refusal([{"name": "a"}, {"key": KEY, "models": []}])
    assert text.count("GATEWAY_CLIENT_KEYS: entry") == 3
