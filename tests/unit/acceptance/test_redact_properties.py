"""The key of the run survives in no spelling a gateway may answer with."""

from __future__ import annotations

import base64
import json
import re
import string
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.acceptance.redact import HIDDEN, LONGEST, clean

pytestmark = pytest.mark.unit

KEYS = st.text(string.ascii_letters + string.digits + "-_!$/+=%&.*?[](){}|^\\\"'", min_size=9, max_size=60)


@given(KEYS)
@example("ends-in-a\\")
def test_a_key_is_masked_as_a_whole_in_any_spelling(key: str) -> None:
    quoted = urllib.parse.quote(key, safe="")
    lower = re.sub("%..", lambda match: match[0].lower(), quoted)
    for spelled in (key, quoted, lower, urllib.parse.quote_plus(key), json.dumps(key)[1:-1]):
        assert clean(f"key <{spelled}>", key) == f"key <{HIDDEN}>"


@given(KEYS, st.binary(max_size=20), st.binary(max_size=20))
def test_a_key_within_a_text_in_base64_is_masked(key: str, before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shown = clean(f"Basic {encode(before + key.encode() + after).decode()}", key)
        assert HIDDEN in shown
        left = max(map(len, shown.removeprefix("Basic ").split(HIDDEN)))
        assert left <= max(len(before), len(after)) * 4 // 3 + 4, "nothing but its neighbours stays"


@given(KEYS)
def test_the_first_eight_characters_are_masked_with_what_follows(key: str) -> None:
    assert clean(f"{key[:8]}...", key) == f"{HIDDEN}..."


@given(KEYS, st.text("жщю,:;", max_size=LONGEST))
def test_a_text_without_the_key_is_unchanged(key: str, text: str) -> None:
    assert clean(text, key) == text
