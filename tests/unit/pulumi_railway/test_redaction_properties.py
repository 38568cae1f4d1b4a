"""No known secret survives, however it is spelled and whatever else is known; what is no secret stays as it is."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_railway.redaction import MASK, Redactor

pytestmark = pytest.mark.unit

END: Final = "\0"
SECRETS = st.text(
    st.sampled_from("""\\\\\\"'/+%&<>=~.*?[](){}|^$-_ \t\n\r""")
    | st.characters(codec="utf-8", exclude_characters=END)
    | st.sampled_from("aZ09"),
    min_size=1,
    max_size=40,
).filter(lambda text: text not in MASK)
DISTINCT = st.permutations("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%*+")


def json_text(text: str, *, ensure_ascii: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]


def lower_hex(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)


def html_safe_json(text: str) -> str:
    """JSON as Go writes it."""
    return re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", json_text(text, ensure_ascii=False))


SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "plain": str,
    "JSON": json_text,
    "JSON in Unicode": partial(json_text, ensure_ascii=False),
    "JSON of Go": html_safe_json,
    "JSON with escaped slashes": lambda text: json_text(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: json_text(json_text(text)),
    "URL": lambda text: urllib.parse.quote(text, safe=""),
    "URL path": urllib.parse.quote,
    "URL in lower case": lambda text: lower_hex(urllib.parse.quote(text, safe="")),
    "form": urllib.parse.quote_plus,
    "form in lower case": lambda text: lower_hex(urllib.parse.quote_plus(text)),
    "base64": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in a URL": lambda text: urllib.parse.quote_plus(base64.b64encode(text.encode()).decode().rstrip("=")),
}


def redactor_of(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.register(secret)
    return redactor


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=30)
@given(secret=SECRETS)
def test_a_secret_is_masked_as_a_whole_in_any_spelling(spelling: str, secret: str) -> None:
    spelled = SPELLINGS[spelling](secret)
    assert redactor_of(secret)(f"{END}{spelled}{END}") == f"{END}{MASK}{END}"


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if "base64" not in name])
@settings(max_examples=20)
@given(secret=SECRETS.filter(lambda text: len(text) > 8))
def test_the_first_eight_characters_are_masked_in_any_spelling(spelling: str, secret: str) -> None:
    spelled = SPELLINGS[spelling](secret[:8])
    assert redactor_of(secret)(f"{END}{spelled}{END}") == f"{END}{MASK}{END}"


@given(DISTINCT, st.lists(st.tuples(st.integers(0, 39), st.integers(1, 30)), min_size=1, max_size=5))
def test_nothing_is_left_of_secrets_that_overlap(characters: list[str], parts: list[tuple[int, int]]) -> None:
    text = "".join(characters)
    secrets = [text[start : start + length] for start, length in parts]
    left = redactor_of(*secrets)(text).replace(MASK, "")
    assert not set(left) & set("".join(secrets))


def test_a_secret_may_overlap_itself() -> None:
    assert redactor_of("abab")("<ababab>") == f"<{MASK}>"


def test_a_token_from_an_environment_that_is_no_unicode_is_masked() -> None:
    assert redactor_of("sk-\udcff")("<sk-\udcff>") == f"<{MASK}>"


@given(SECRETS, SECRETS, SECRETS)
def test_several_secrets_in_one_text_are_all_masked(first: str, second: str, third: str) -> None:
    shown = redactor_of(third, second, first)(f"{first}{END}{second}{third}{END}{json_text(first)}")
    assert shown.replace(MASK, "").replace(END, "") == ""


@given(st.text("abcdef0123456789", min_size=1, max_size=40), st.text("жщю .,:;!?[]()\n", max_size=80))
def test_a_text_without_secrets_is_unchanged(secret: str, text: str) -> None:
    assert redactor_of(secret)(text) == text


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=60))
def test_anything_may_be_a_secret(secret: str, text: str) -> None:
    assert secret == "" or secret in MASK or secret not in redactor_of(secret)(text + secret)


def test_many_backslashes_and_quotes_take_no_time() -> None:
    """Doubling is ambiguous: a pattern that tries every way would not end."""
    redactor = redactor_of("sk-ant-api" + ("\\" * 60 + '"') * 5 + "z")
    rest = "\\" * 500 + '"' * 9
    assert redactor(f"sk-ant-api{rest}") == f"{MASK}{rest}"
