"""Each judgement on the good answer and on each way to spoil it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acceptance import judge
from gateway.acceptance.client import Answer
from gateway.acceptance.expected import CLAUDE, EXPECTED
from gateway.acceptance.verdict import CheckFailedError, UndecidedError
from tests.unit.acceptance.answers import ERROR, GOOD_HEALTH, NAMES, answer, chat, chunk, events, model_list

pytestmark = pytest.mark.unit

PROBE = EXPECTED.fallback_probe
DONE = b"data: [DONE]\n\n"


def spoilt(body: dict[str, Any], spoil: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    spoil(changed)
    return changed


def test_the_plans_health_body_passes() -> None:
    assert judge.health(answer(GOOD_HEALTH), EXPECTED) == "healthy, 4 models"


@pytest.mark.parametrize(
    "bad",
    [
        answer({"status": "healthy", "db": "Not connected"}),
        answer({**GOOD_HEALTH, "version": "1"}),
        answer({"status": "healthy", "models": NAMES[:3]}),
        answer({"status": "healthy", "models": NAMES[::-1]}),
        answer({"status": "starting", "models": NAMES}),
        answer(GOOD_HEALTH, 503),
        answer("I'm alive!"),
        answer(b"<html>Welcome to the hotel</html>", content_type="text/html"),
        answer(b""),
        answer(GOOD_HEALTH, 308, location="https://elsewhere.example/health"),
    ],
    ids=["readiness", "more", "fewer", "order", "starting", "503", "liveliness", "captive", "empty", "redirect"],
)
def test_any_other_health_fails(bad: Answer) -> None:
    with pytest.raises(CheckFailedError):
        judge.health(bad, EXPECTED)


def test_a_redirect_is_named_and_not_followed() -> None:
    with pytest.raises(CheckFailedError, match=r"308 \(redirect to https://elsewhere.example/, not followed\)"):
        judge.health(answer(b"", 308, location="https://elsewhere.example/"), EXPECTED)


def test_the_plans_model_list_passes_with_any_time() -> None:
    body = spoilt(model_list(), lambda body: body["data"][0].update(created=1))
    assert judge.model_list(answer(body), EXPECTED) == ", ".join(NAMES)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda body: body["data"].append({"id": "gpt-5", "object": "model"}), "missing: none; not declared: gpt-5"),
        (lambda body: body["data"].pop(), "missing: gemini-flash; not declared: none"),
        (lambda body: body["data"].append(body["data"][0]), "wanted"),
        (lambda body: body["data"].reverse(), "wanted"),
        (lambda body: body["data"][2].update(owned_by="openai"), "wanted"),
        (lambda body: body["data"][0].update(mode="chat"), "wanted"),
        (lambda body: body.update(object="list"), "wanted"),
        (lambda body: body["data"][0].pop("created"), "created"),
        (lambda body: body["data"][0].update(created=True), "created"),
        (lambda body: body["data"][0].update(created="now"), "created"),
        (lambda body: body["data"][0].update(created=-1), "created"),
        (lambda body: body.update(data={}), "no list of models"),
        (lambda body: body.update(data=["claude-sonnet"]), "no list of models"),
    ],
)
def test_any_other_model_list_fails(spoil: Callable[[dict[str, Any]], object], says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        judge.model_list(answer(spoilt(model_list(), spoil)), EXPECTED)


def test_the_plans_completion_passes() -> None:
    assert judge.completion(answer(chat("Hello!"))) == "Hello!"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda body: body.update(object="text_completion"), "no chat.completion"),
        (lambda body: body.update(id=None), "with an id"),
        (lambda body: body.update(choices=[]), "no message"),
        (lambda body: body.update(choices={"0": {}}), "no message"),
        (lambda body: body["choices"][0]["message"].update(content=" \n"), "empty"),
        (lambda body: body["choices"][0]["message"].update(content=None), "empty"),
        (lambda body: body["choices"][0]["message"].update(role="user"), "no message of the assistant"),
        (lambda body: body.pop("usage"), "usage"),
        (lambda body: body["usage"].update(completion_tokens="2"), "usage"),
    ],
)
def test_a_completion_of_another_shape_fails(spoil: Callable[[dict[str, Any]], object], says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        judge.completion(answer(spoilt(chat(), spoil)))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502])
def test_an_error_of_a_model_fails_with_its_message(status: int) -> None:
    with pytest.raises(CheckFailedError, match=rf"{status}.* instead of 200: Bad key\."):
        judge.completion(answer(ERROR, status))


@pytest.mark.parametrize("status", [408, 429, 503, 504, 529])
@pytest.mark.parametrize("judgement", [judge.completion, judge.stream])
def test_a_providers_bad_day_is_no_verdict(judgement: Callable[[Answer], str], status: int) -> None:
    with pytest.raises(UndecidedError, match=f"^{status}, a provider's trouble.*Bad key"):
        judgement(answer(ERROR, status))


@pytest.mark.parametrize("status", [429, 503, 504])
def test_the_same_status_from_something_else_is_a_failure(status: int) -> None:
    with pytest.raises(CheckFailedError, match="not from a gateway"):
        judge.completion(answer(b"<html>no route</html>", status))


@pytest.mark.parametrize(
    "headers", [{}, {"x_litellm_model_group": "claude-sonnet", "x_litellm_attempted_fallbacks": "0"}]
)
def test_the_named_model_answered(headers: dict[str, str]) -> None:
    judge.answered_by(answer(chat(), **headers), CLAUDE)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"x_litellm_attempted_fallbacks": "1", "x_litellm_model_group": "gpt-4o"}, "anthropic did not answer, gpt-4o"),
        ({"x_litellm_attempted_fallbacks": "1"}, "anthropic did not answer"),
        ({"x_litellm_model_group": "gpt-4o"}, "gpt-4o answered, not claude-sonnet"),
        ({"x_litellm_attempted_fallbacks": "none"}, "no number"),
    ],
)
def test_somebody_else_answered(headers: dict[str, str], says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        judge.answered_by(answer(chat(), **headers), CLAUDE)


def test_a_fallback_passes_on_the_probe_route() -> None:
    fell_back = answer(chat(), x_litellm_attempted_fallbacks="1", x_litellm_model_group="gemini-flash")
    assert judge.fallback(fell_back, PROBE) == "gemini-flash stood in for fallback-probe"
    unnamed = answer(chat(), x_litellm_attempted_fallbacks="2")
    assert judge.fallback(unnamed, PROBE) == "another model stood in for fallback-probe"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_litellm_attempted_fallbacks": "0", "x_litellm_model_group": "gemini-flash"},
        {"x_litellm_attempted_fallbacks": "1", "x_litellm_model_group": "fallback-probe"},
    ],
)
def test_no_fallback_fails_on_the_probe_route(headers: dict[str, str]) -> None:
    with pytest.raises(CheckFailedError, match="nothing fell back"):
        judge.fallback(answer(chat(), **headers), PROBE)


def test_a_fallback_that_says_nothing_fails() -> None:
    with pytest.raises(CheckFailedError, match="empty"):
        judge.fallback(answer(chat(""), x_litellm_attempted_fallbacks="1"), PROBE)


def test_a_stream_passes() -> None:
    assert (
        judge.stream(events(chunk("Hel"), b": keep-alive\n\n", chunk("lo"), chunk(None), DONE)) == "3 chunks and [DONE]"
    )


def test_a_line_separator_inside_a_piece_does_not_split_the_event() -> None:
    assert judge.stream(events(chunk("a\u2028b"), DONE)) == "1 chunks and [DONE]"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (events(chunk("Hello")), "does not end with"),
        (events(), "does not end with"),
        (events(chunk("Hello"), DONE, chunk("more")), "does not end with"),
        (events(chunk(None), DONE), "says nothing"),
        (events(chunk("Hello"), b'data: {"error": {"message": "cut"}}\n\n', DONE), r"no chat.completion.chunk.*cut"),
        (events(b"data: {\n\n", DONE), "no JSON"),
        (answer(chat()), "instead of text/event-stream"),
        (answer(ERROR, 500), "500"),
    ],
)
def test_any_other_stream_fails(bad: Answer, says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        judge.stream(bad)


def test_refused_properly() -> None:
    assert judge.refused(answer(ERROR, 401), "a call") == "401"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (answer(chat()), "critical: a call was served"),
        (answer(chat(), 206), "critical: a call was served"),
        (answer(ERROR, 400), "400.* instead of 401"),
        (answer(b"Internal Server Error", 500), "500.* instead of 401"),
        (answer({"detail": "no"}, 401), "no error in OpenAI's shape"),
        (answer({"error": {"message": "no", "type": "t"}}, 401), "no error in OpenAI's shape"),
        (answer({"error": "no"}, 401), "no error in OpenAI's shape"),
        (answer({"error": {**ERROR["error"], "message": ""}}, 401), "no error in OpenAI's shape"),
        (answer({"error": {**ERROR["error"], "message": ["no"]}}, 401), "no error in OpenAI's shape"),
        (answer(b"", 401), "no error in OpenAI's shape"),
        (answer(b"", 599), "599"),
    ],
)
def test_refused_in_another_way_fails(bad: Answer, says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        judge.refused(bad, "a call")


def test_only_401_and_404_are_shut() -> None:
    assert {status: judge.shut(answer(b"", status)) for status in (401, 404)} == {401: None, 404: None}
    assert {status: judge.shut(answer(b"", status)) for status in (200, 405, 500)} == {
        200: "200",
        405: "405",
        500: "500",
    }
    assert judge.shut(answer(b"", 307, location="/ui/login")) == "307 (redirect to /ui/login, not followed)"


@pytest.mark.parametrize(("text", "figure"), [("12.5", 12.5), ("soon", None), (None, None)])
def test_overhead_is_read_where_it_is_told(text: str | None, figure: float | None) -> None:
    headers = {"x_litellm_overhead_duration_ms": text} if text else {}
    assert judge.overhead(answer(chat(), **headers)) == figure


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "id", "error", "choices", "usage"]), inner)
    ),
    max_leaves=8,
)


@given(body=JSON, status=st.sampled_from([200, 401, 429, 500]))
def test_no_body_breaks_a_judgement(body: Any, status: int) -> None:
    got = answer(body, status)
    streamed = events(b"data: " + got.body + b"\n\n", DONE)
    judgements: tuple[Callable[[], object], ...] = (
        lambda: judge.health(got, EXPECTED),
        lambda: judge.model_list(got, EXPECTED),
        lambda: judge.completion(got),
        lambda: judge.fallback(got, PROBE),
        lambda: judge.refused(got, "a call"),
        lambda: judge.stream(streamed),
    )
    for judgement in judgements:
        with contextlib.suppress(CheckFailedError, UndecidedError):
            judgement()
