"""A request body as JSON, bounded before it is parsed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litellm_gateway import json_body
from litellm_gateway.errors import RequestError

pytestmark = pytest.mark.unit


def nested(levels: int) -> bytes:
    """An object with as many levels in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def refusal(body: bytes) -> str:
    with pytest.raises(RequestError) as caught:
        json_body.encode(json_body.parse(body))
    assert (caught.value.status, caught.value.body["error"]["code"]) == (400, "invalid_json")
    return str(caught.value)


def test_what_is_as_deep_as_allowed_passes_and_deeper_is_refused() -> None:
    assert json_body.parse(nested(json_body.DEEPEST))
    assert "levels deep" in refusal(nested(json_body.DEEPEST + 1))


@pytest.mark.parametrize("body", [nested(5000), b"[" * 100_000, b'{"a":' * 5000, b'{"a":' + b"[{" * 40 + b"}]" * 40])
def test_depth_is_refused_before_the_body_is_parsed(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("it was parsed"))
    refusal(body)


def test_brackets_and_commas_in_texts_do_not_count() -> None:
    text = '[{"' * 100_000 + ",\\\n" * 100_000
    assert json_body.parse(json.dumps({"a": text}).encode()) == {"a": text}


@pytest.mark.parametrize("value", [b"[]", b"0", b"{}", b'""'])
def test_more_values_than_anybody_needs_are_refused(value: bytes) -> None:
    many = b",".join([value] * (json_body.MOST_VALUES + 1))
    assert "more than" in refusal(b'{"a":[' + many + b"]}")


@pytest.mark.parametrize("body", [b'{"a":"' + b'\\"' * 2_000_000, b'"' * 4_000_001, b'{"a":"\\', b"\\" * 1_000_000])
def test_broken_texts_take_no_longer_than_good_ones(body: bytes) -> None:
    refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"a","model":"b"}',
        b'{"a":[{"b":{"c":1,"c":1}}]}',
        b'{"a":1e999}',
        b'{"a":-1e999}',
        b'{"a":NaN}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":1}x',
        b"[]",
        b"null",
        b"",
    ],
)
def test_what_others_may_read_differently_is_refused(body: bytes) -> None:
    refusal(body)


def test_large_numbers_that_are_numbers_pass() -> None:
    assert json_body.parse(b'{"a":1e300,"b":123456789012345678901234567890}')["b"] == 123456789012345678901234567890


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ua1e-', max_size=100).map(str.encode))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    try:
        parsed = json_body.parse(body)
    except RequestError:
        return
    assert json.loads(body) == parsed
