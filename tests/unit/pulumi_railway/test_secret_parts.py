"""A part of a value that is secret alone is masked alone."""

from __future__ import annotations

import json
from typing import Final

import pytest

from pulumi_railway.redaction import MASK, Redactor
from pulumi_railway.secret_parts import parts

pytestmark = pytest.mark.unit

PART: Final = "Zq0123/456 789".replace(" ", "+")
PEM: Final = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n"
WHOLES: Final = {
    "a client's key": json.dumps([{"client": "a", "key": PART}]),
    "a key as the name of a member": json.dumps({"clients": {PART: {"budget": 1}}}),
    "a client's key in YAML": f"[{{name: a, key: {PART}}}, {{name: b, key: other}}]",
    "a client's key in quotes": f"[{{'key': '{PART}', 'name': 'a'}}]",
    "JSON in JSON": json.dumps({"outer": json.dumps({"inner": [PART]})}),
    "JSON of one string": json.dumps(PART),
    "a user without a password": "https://Zq0123%2F456%2B789@sentry.io/1",
    "a password": "redis://default:Zq0123%2F456%2B789@redis:6379",
    "a connection string": f"Server=db;Password={PART};Database=x",
    "a short name": f"Server=db;pwd={PART}",
    "quoted": f"host=db password='{PART}' dbname=x",
    "a query": "postgres://db/x?password=Zq0123%2F456%2B789&ssl=1",
    "an address in JSON": json.dumps({"dsn": f"Server=db;Password={PART};"}),
    "a line": f"first line\n  {PART}  \nlast line",
}


@pytest.mark.parametrize("whole", WHOLES.values(), ids=WHOLES)
def test_a_part_is_masked_alone(whole: str) -> None:
    redactor = Redactor()
    redactor.register(whole)
    assert redactor(f"refused <{PART}>") == f"refused <{MASK}>"


def test_every_line_of_an_indented_log_is_masked() -> None:
    redactor = Redactor()
    redactor.register(PEM)
    shown = redactor("".join(f"  {line}\n" for line in PEM.splitlines()))
    assert "MIIE" not in shown
    assert "kqhk" not in shown


def test_a_key_in_a_service_account_is_known_by_its_lines() -> None:
    account = json.dumps({"type": "service_account", "private_key": PEM}, indent=2)
    assert {"MIIEvQIBADANBg", "kqhkiG9w0BAQEF"} < parts(account)


def test_what_is_the_same_for_all_is_no_part() -> None:
    assert parts(PEM) == {"MIIEvQIBADANBg", "kqhkiG9w0BAQEF"}
    assert parts(json.dumps({"url": "https://example.com/", "short": "abc", "number": 12345678})) == set()
    assert parts(json.dumps({"client_x509_cert_url": 1, "projectIdOfShop": 2, "x-api-version-2": 3})) == set()


@pytest.mark.parametrize("value", ["", "plain-secret-value", "[" * 100_000, "12345678", "https://host/path"])
def test_a_value_without_parts(value: str) -> None:
    assert parts(value) == set()
