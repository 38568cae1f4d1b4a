"""The three wire formats, and every way in which a provider can misbehave."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from localcloud.core.calls import CallLog
from localcloud.models.app import ModelProviders
from localcloud.models.behaviour import Behaviour, BehaviourError
from localcloud.models.provider import fingerprint

pytestmark = pytest.mark.contract

MESSAGES = [{"role": "user", "content": "Say hello"}]
GEMINI = "/gemini/v1beta/models/gemini-2.5-flash"


@dataclass(frozen=True)
class Ask:
    """How one provider is asked; `stream` says how it is asked for a stream."""

    provider: str
    path: str
    body: dict[str, Any]
    stream_path: str = ""
    stream_body: dict[str, Any] | None = None

    def send(self, client: httpx.Client, key: str = "good", *, stream: bool = False, **more: Any) -> httpx.Response:
        path, body = (self.stream_path or self.path, self.stream_body or {}) if stream else (self.path, {})
        headers = {
            "openai": {"Authorization": f"Bearer {key}"},
            "anthropic": {"x-api-key": key, "anthropic-version": "2023-06-01"},
            "gemini": {"x-goog-api-key": key},
        }[self.provider]
        return client.post(path, headers=headers, json={**self.body, **body, **more})


OPENAI = Ask(
    "openai", "/openai/v1/chat/completions", {"model": "gpt-4o", "messages": MESSAGES}, stream_body={"stream": True}
)
ANTHROPIC = Ask(
    "anthropic",
    "/anthropic/v1/messages",
    {"model": "claude-sonnet-4-6", "messages": MESSAGES, "max_tokens": 10},
    stream_body={"stream": True},
)
GEMINI_ASK = Ask(
    "gemini",
    f"{GEMINI}:generateContent",
    {"contents": [{"parts": [{"text": "Hi"}]}]},
    f"{GEMINI}:streamGenerateContent",
)
EACH = pytest.mark.parametrize("ask", [OPENAI, ANTHROPIC, GEMINI_ASK], ids=lambda ask: ask.provider)


def test_openai_answers_a_chat_completion(models_api: httpx.Client) -> None:
    body = OPENAI.send(models_api).json()

    assert body["object"] == "chat.completion"
    assert body["model"] == "gpt-4o"
    assert body["choices"][0]["message"]["content"] == "Hello!"
    assert body["usage"] == {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14}


def test_anthropic_answers_a_message(models_api: httpx.Client) -> None:
    body = ANTHROPIC.send(models_api).json()

    assert (body["type"], body["role"], body["stop_reason"]) == ("message", "assistant", "end_turn")
    assert body["content"] == [{"type": "text", "text": "Hello!"}]
    assert body["usage"] == {"input_tokens": 12, "output_tokens": 2}


def test_gemini_answers_a_candidate(models_api: httpx.Client) -> None:
    body = GEMINI_ASK.send(models_api).json()

    assert body["candidates"][0]["content"] == {"parts": [{"text": "Hello!"}], "role": "model"}
    assert body["candidates"][0]["finishReason"] == "STOP"
    assert body["usageMetadata"]["totalTokenCount"] == 14


def _events(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def test_openai_streams_chunks(models_api: httpx.Client) -> None:
    answer = OPENAI.send(models_api, stream=True)

    chunks = _events(answer)
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"]]
    assert "".join(deltas) == "Hello!"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] == 14
    assert answer.text.endswith("data: [DONE]\n\n")


def test_anthropic_streams_events(models_api: httpx.Client) -> None:
    answer = ANTHROPIC.send(models_api, stream=True)

    events = _events(answer)
    names = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert names == [event["type"] for event in events]
    assert (names[0], names[-1]) == ("message_start", "message_stop")
    assert "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta") == "Hello!"
    assert events[-2]["usage"] == {"output_tokens": 2}


def test_gemini_streams_responses(models_api: httpx.Client) -> None:
    responses = _events(GEMINI_ASK.send(models_api, stream=True))

    assert "".join(one["candidates"][0]["content"]["parts"][0]["text"] for one in responses) == "Hello!"
    assert [one["candidates"][0].get("finishReason") for one in responses] == [None, "STOP"]


PARIS = '{"city":"Paris"}'


@pytest.fixture
def tool(models: ModelProviders) -> None:
    """All providers call a tool from now on."""
    for name in ("openai", "anthropic", "gemini"):
        models.behave(name, Behaviour(tool="weather", text=PARIS))


@pytest.mark.usefixtures("tool")
def test_openai_calls_a_tool(models_api: httpx.Client) -> None:
    choice = OPENAI.send(models_api).json()["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "weather", "arguments": PARIS}
    chunks = _events(OPENAI.send(models_api, stream=True))
    calls = [call for chunk in chunks for one in chunk["choices"] for call in one["delta"].get("tool_calls", ())]
    assert (calls[0]["function"]["name"], {call["index"] for call in calls}) == ("weather", {0})
    assert "".join(call["function"]["arguments"] for call in calls) == PARIS


@pytest.mark.usefixtures("tool")
def test_anthropic_calls_a_tool(models_api: httpx.Client) -> None:
    message = ANTHROPIC.send(models_api).json()
    assert message["stop_reason"] == "tool_use"
    assert (message["content"][0]["name"], message["content"][0]["input"]) == ("weather", {"city": "Paris"})
    events = _events(ANTHROPIC.send(models_api, stream=True))
    assert events[1]["content_block"]["type"] == "tool_use"
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta["partial_json"] for delta in deltas) == PARIS


@pytest.mark.usefixtures("tool")
def test_gemini_calls_a_tool(models_api: httpx.Client) -> None:
    (streamed,) = _events(GEMINI_ASK.send(models_api, stream=True))
    for answer in (GEMINI_ASK.send(models_api).json(), streamed):
        part = answer["candidates"][0]["content"]["parts"][0]
        assert part == {"functionCall": {"name": "weather", "args": {"city": "Paris"}}}


ERRORS = [
    (OPENAI, 401, ("code", "invalid_api_key")),
    (OPENAI, 429, ("code", "rate_limit_exceeded")),
    (OPENAI, 500, ("type", "server_error")),
    (ANTHROPIC, 401, ("type", "authentication_error")),
    (ANTHROPIC, 403, ("type", "permission_error")),
    (ANTHROPIC, 404, ("type", "not_found_error")),
    (ANTHROPIC, 529, ("type", "overloaded_error")),
    (GEMINI_ASK, 403, ("status", "PERMISSION_DENIED")),
    (GEMINI_ASK, 429, ("status", "RESOURCE_EXHAUSTED")),
    (GEMINI_ASK, 503, ("status", "UNAVAILABLE")),
]


@pytest.mark.parametrize(("ask", "status", "said"), ERRORS, ids=lambda value: str(getattr(value, "provider", value)))
def test_a_refusal_has_the_providers_shape(
    models: ModelProviders, models_api: httpx.Client, ask: Ask, status: int, said: tuple[str, str]
) -> None:
    models.behave(ask.provider, Behaviour.from_json({"status": status, "retry_after": 1}))

    answer = ask.send(models_api)

    assert answer.status_code == status
    assert answer.json()["error"][said[0]] == said[1]
    assert answer.headers["Retry-After"] == "1"


@EACH
def test_only_an_issued_key_is_accepted(models_api: httpx.Client, ask: Ask, calls: CallLog) -> None:
    refused = ask.send(models_api, key="other")
    assert refused.status_code == (400 if ask.provider == "gemini" else 401)
    assert "key" in refused.json()["error"]["message"]
    assert ask.send(models_api).status_code == 200
    assert [(call.operation, call.authorised) for call in calls.list()] == [(ask.provider, False), (ask.provider, True)]


@EACH
def test_a_model_of_another_provider_is_not_found(models_api: httpx.Client, ask: Ask) -> None:
    path = ask.path.replace("gemini-2.5-flash", "unknown")
    unknown = Ask(ask.provider, path, {**ask.body, "model": "unknown"})

    assert unknown.send(models_api).status_code == 404


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (OPENAI, "model"),
        (OPENAI, "messages"),
        (ANTHROPIC, "max_tokens"),
        (ANTHROPIC, "messages"),
        (GEMINI_ASK, "contents"),
    ],
    ids=lambda value: str(getattr(value, "provider", value)),
)
def test_an_incomplete_request_is_refused(models_api: httpx.Client, ask: Ask, field: str) -> None:
    body = {name: value for name, value in ask.body.items() if name != field}

    assert Ask(ask.provider, ask.path, body).send(models_api).status_code == 400


@EACH
def test_garbage_is_no_json(models: ModelProviders, models_api: httpx.Client, ask: Ask) -> None:
    models.behave(ask.provider, Behaviour("garbage"))

    answer = ask.send(models_api)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@EACH
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_an_answer_is_cut_off_in_the_middle(
    models: ModelProviders, models_api: httpx.Client, ask: Ask, stream: bool
) -> None:
    models.behave(ask.provider, Behaviour("cut_off"))

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        ask.send(models_api, stream=stream)


@EACH
def test_a_dead_provider_resets_the_connection(models: ModelProviders, models_api: httpx.Client, ask: Ask) -> None:
    models.behave(ask.provider, Behaviour("dead"))

    with pytest.raises(httpx.ReadError):
        ask.send(models_api)


@EACH
def test_a_hanging_provider_never_answers(models: ModelProviders, models_api: httpx.Client, ask: Ask) -> None:
    models.behave(ask.provider, Behaviour("hang"))
    models_api.timeout = httpx.Timeout(0.1)

    with pytest.raises(httpx.ReadTimeout):
        ask.send(models_api)


@EACH
def test_a_slow_provider_answers_late(models: ModelProviders, models_api: httpx.Client, ask: Ask) -> None:
    models.behave(ask.provider, Behaviour("slow", seconds=0.3))
    patience = models_api.timeout
    models_api.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        ask.send(models_api)

    models_api.timeout = patience
    assert ask.send(models_api).status_code == 200


def test_a_behaviour_ends_after_its_times(models: ModelProviders, models_api: httpx.Client) -> None:
    models.behave("openai", Behaviour("status", status=429, times=2))

    assert [OPENAI.send(models_api).status_code for _ in range(3)] == [429, 429, 200]


def test_tokens_and_text_are_as_told(models: ModelProviders, models_api: httpx.Client) -> None:
    models.behave("openai", Behaviour.from_json({"prompt_tokens": 1_000_000, "text": "Other"}))

    body = OPENAI.send(models_api).json()

    assert body["usage"]["prompt_tokens"] == 1_000_000
    assert body["choices"][0]["message"]["content"] == "Other"


def test_calls_are_kept_with_the_keys_fingerprint_only(models: ModelProviders, models_api: httpx.Client) -> None:
    OPENAI.send(models_api, max_tokens=7)
    models_api.post(f"{GEMINI}:generateContent?key=good", json=GEMINI_ASK.body)

    shown = models.to_json()

    assert shown["openai"]["hits"] == 1
    assert shown["openai"]["last"]["body"]["max_tokens"] == 7
    assert shown["gemini"]["last"]["model"] == "gemini-2.5-flash"
    assert shown["gemini"]["keys"] == [fingerprint("good")]
    assert models.key_used("openai", "good")
    assert not models.key_used("openai", "other")
    assert '"good"' not in json.dumps({name: {**one, "behaviour": ""} for name, one in shown.items()})


def test_reset_forgets_calls_and_behaviours(models: ModelProviders, models_api: httpx.Client) -> None:
    models.behave("openai", Behaviour("garbage"))
    OPENAI.send(models_api)

    models.reset()

    assert models.to_json()["openai"] == {"behaviour": "good", "hits": 0, "keys": [], "last": None}
    assert OPENAI.send(models_api).json()["object"] == "chat.completion"


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "odd"},
        {"speed": 1},
        {"status": "401"},
        {"seconds": True},
        {"times": 1.5},
        {"text": None},
        {"tool": "x"},
    ],
)
def test_a_behaviour_that_is_none_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(BehaviourError):
        Behaviour.from_json(value)


def test_a_success_status_means_good() -> None:
    assert Behaviour.from_json({"status": 200}).kind == "good"
    assert Behaviour.from_json({"status": 401}).kind == "status"


def test_what_is_not_chat_is_unknown(models_api: httpx.Client) -> None:
    assert models_api.post("/openai/v1/responses", json={}).status_code == 404
    assert (
        models_api.post(f"{GEMINI}:countTokens", json=GEMINI_ASK.body, headers={"x-goog-api-key": "good"}).status_code
        == 400
    )
