"""The form of a conversation."""

from __future__ import annotations

from typing import Any

import pytest
from litellm_gateway import messages
from litellm_gateway.errors import RequestError

pytestmark = pytest.mark.unit

PICTURE = {"url": "https://example.org/a.png"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    "conversation",
    [
        [{"role": "user", "content": "hi"}],
        [{"role": "system", "content": "be kind"}, {"role": "developer", "content": ""}],
        [{"role": "user", "content": [{"type": "text", "text": "look"}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}],
        [
            {"role": "user", "content": "call f", "name": "ann"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "1"},
        ],
        [{"role": "assistant", "tool_calls": None, "content": "no"}],
        [{"role": "assistant", "function_call": {"name": "f", "arguments": ""}}, {"role": "function", "name": "f"}],
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "A", "format": "wav"}}]}],
        [{"role": "user", "content": [{"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}}]}],
    ],
)
def test_conversations_pass(conversation: list[dict[str, Any]]) -> None:
    messages.check(conversation)


@pytest.mark.parametrize(
    ("conversation", "param"),
    [
        (None, "messages"),
        ("hi", "messages"),
        ([], "messages"),
        ({"role": "user", "content": "hi"}, "messages"),
        (["hi"], "messages[0]"),
        ([{"content": "hi"}], "messages[0]"),
        ([{"role": ["user"], "content": "hi"}], "messages[0]"),
        ([{"role": "user", "content": "hi"}, {"role": "wizard", "content": "hi"}], "messages[1]"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": {"a": 1}}], "messages[0].content"),
        ([{"role": "user", "content": []}], "messages[0].content"),
        ([{"role": "user", "content": ["x"]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "nope"}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": ["text"], "text": "x"}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}], "messages[0].content"),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.png"}}]}],
            "messages[0].content",
        ),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,@"}}]}],
            "messages[0].content",
        ),
        ([{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": 1}}]}], "messages[0].content"),
        *(
            ([{"role": "user", "content": [part]}], "messages[0].content")
            for part in (
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "format": "video/mp4"}},
                {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}},
                {"type": "image_url", "image_url": {"url": "data:video/mp4;base64,AAAA"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav", "mime_type": "video/mp4"}},
                {"type": "file", "file": {"file_id": "gs://films/a.mp4"}},
                {"type": "file", "file": {"file_id": "f", "file_data": "data:application/pdf;base64,AAAA"}},
                {"type": "file", "file": {"file_data": "data:video/mp4;base64,AAAA"}},
                {"type": "file", "file": {"file_id": "f", "format": "video/mp4"}},
            )
        ),
        ([{"role": "user", "content": [{"type": "file", "file": {"filename": "a"}}]}], "messages[0].content"),
        ([{"role": "user", "content": "hi", "name": 5}], "messages[0].name"),
        ([{"role": "user", "content": [{"type": "file", "file": {"file_data": "AAAA"}}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "refusal", "refusal": "no"}]}], "messages[0].content"),
        ([{"role": "system", "content": [{"type": "image_url", "image_url": PICTURE}]}], "messages[0].content"),
        ([{"role": "assistant", "content": [{"type": "image_url", "image_url": PICTURE}]}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": 5}]}], "messages[0].content"),
        ([{"role": "user", "content": "hi", "cache_control": "x"}], "messages[0]"),
        ([{"role": "assistant"}], "messages[0].content"),
        ([{"role": "assistant", "function_call": "f"}], "messages[0].function_call"),
        ([{"role": "user", "content": "hi"}] * 10_001, "messages"),
        ([{"role": "tool", "content": "x"}], "messages[0].tool_call_id"),
        ([{"role": "tool", "content": "x", "tool_call_id": "call_1"}], "messages[0].tool_call_id"),
        ([{"role": "assistant", "tool_calls": {}}], "messages[0].tool_calls"),
        ([{"role": "assistant", "tool_calls": ["x"]}], "messages[0].tool_calls"),
        ([{"role": "assistant", "tool_calls": [{**CALL, "id": 1}]}], "messages[0].tool_calls"),
        ([{"role": "assistant", "tool_calls": [{"id": "1", "function": {}}]}], "messages[0].tool_calls"),
    ],
)
def test_malformed_ones_are_refused_where_they_are_wrong(conversation: object, param: str) -> None:
    with pytest.raises(RequestError) as caught:
        messages.check(conversation)
    assert caught.value.status == 400
    error = caught.value.body["error"]
    assert error["param"] == param
    assert f"'{param}'" in str(error["message"])


def test_a_result_answers_a_call_of_the_last_message_that_makes_some() -> None:
    result = {"role": "tool", "tool_call_id": "call_1", "content": "1"}
    calls = [{"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "call_2"}]}, result]
    messages.check([*calls, {**result, "tool_call_id": "call_2"}])
    with pytest.raises(RequestError, match="has to name a call"):
        messages.check([*calls, {"role": "assistant", "tool_calls": [{**CALL, "id": "call_3"}]}, result])
