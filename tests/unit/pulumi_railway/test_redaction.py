"""Whatever form a secret takes in text, it is masked."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_railway.redaction import MASK, Redactor

pytestmark = pytest.mark.unit

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=9, max_size=60).filter(
    lambda text: text not in MASK and text.strip() == text
)


def forms(secret: str) -> list[str]:
    return [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode(),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        secret[:8],
    ]


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_no_form_of_a_secret_passes(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.register(secret)
    for form in forms(secret):
        assert MASK in redactor(f"{before}{form}{after}")
        assert form not in redactor(f"<{form}>").replace(MASK, "")


@given(SECRETS, SECRETS, st.text(max_size=40))
def test_several_secrets_are_masked_in_any_order(first: str, second: str, between: str) -> None:
    redactor = Redactor()
    redactor.register(first)
    redactor.register(second)
    shown = redactor(f"{first}|{between}|{second}").replace(MASK, "")
    assert first not in shown
    assert second not in shown


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20))
def test_a_secret_within_a_text_in_base64_is_masked(secret: str, before: bytes, after: bytes) -> None:
    redactor = Redactor()
    redactor.register(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(before + secret.encode() + after).decode()
        shown = redactor(f"Authorization: Basic {whole}")
        assert MASK in shown
        left = max(len(part) for part in shown.removeprefix("Authorization: Basic ").split(MASK))
        assert left <= max(len(before), len(after)) * 4 // 3 + 4, "nothing but its neighbours stays"


def test_lower_case_url_encoding_is_known() -> None:
    redactor = Redactor()
    redactor.register("a/b+c d=e/f")
    assert redactor("x?key=a%2fb%2bc%20d%3de%2ff&y") == f"x?key={MASK}&y"


def test_the_rest_of_a_cut_off_secret_goes_too() -> None:
    redactor = Redactor()
    redactor.register("sk-ant-api03-abcdef")
    assert redactor("key sk-ant-api03-abc... refused") == f"key {MASK}... refused"


def test_what_is_no_secret_stays() -> None:
    redactor = Redactor()
    redactor.register("")
    assert redactor("nothing to see") == "nothing to see"
    redactor.register("a-short")
    assert redactor("nothing to see") == "nothing to see"
