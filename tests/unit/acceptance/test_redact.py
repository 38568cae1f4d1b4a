"""No secret and no control character passes the redactor."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acceptance.redact import HIDDEN, LONGEST, clean

pytestmark = pytest.mark.unit

SECRETS = st.text(string.ascii_letters + string.digits + "-_!$", min_size=11, max_size=60)


@given(before=st.text(), secret=SECRETS, after=st.text())
def test_a_known_secret_never_passes(before: str, secret: str, after: str) -> None:
    assert secret not in clean(before + secret + after, secret)


@given(filling=st.integers(0, 2 * LONGEST), secret=SECRETS)
def test_no_part_of_a_known_secret_is_left_where_the_text_is_cut(filling: int, secret: str) -> None:
    assert clean("." * filling + secret, secret).strip(".…") in {"", *(HIDDEN[:n] for n in range(len(HIDDEN) + 1))}


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdefgh12345678",
        "sk-ant-api03-abcdefgh",
        "AIzaSyA1234567890",
        "sk-abc***wxyz",
        "ghp_0123456789abcdef",
        "Bearer abc.def-ghi",
    ],
)
def test_what_looks_like_a_key_never_passes(key: str) -> None:
    assert clean(f"Incorrect API key provided: {key}. See") in {
        f"Incorrect API key provided: {HIDDEN} See",
        f"Incorrect API key provided: {HIDDEN}. See",
    }


@given(text=st.text())
def test_one_short_printable_line_comes_out(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= LONGEST
    assert len(cleaned.splitlines()) <= 1
    assert not any(ord(character) < 32 or 0x7F <= ord(character) <= 0x9F for character in cleaned)


def test_only_what_is_too_long_is_cut() -> None:
    assert clean("." * LONGEST) == "." * LONGEST
    assert clean("." * (LONGEST + 1)) == "." * (LONGEST - 1) + "…"


def test_plain_words_stay() -> None:
    assert clean("task-force: wanted 200,\n  seen 500") == "task-force: wanted 200, seen 500"
