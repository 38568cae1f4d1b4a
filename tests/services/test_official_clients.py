"""The official clients of OpenAI and Anthropic against the gateway, as their users write them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.models.behaviour import Behaviour

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway

openai = pytest.importorskip("openai", reason="OpenAI's client is not installed")
anthropic = pytest.importorskip("anthropic", reason="Anthropic's client is not installed")

pytestmark = pytest.mark.services

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "weather", "description": "The weather of a city.", "parameters": SCHEMA}
ANTHROPIC_WEATHER = {"name": "weather", "description": "The weather of a city.", "input_schema": SCHEMA}
IN_PARIS = '{"city":"Paris"}'
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()
MODELS = ["claude-sonnet", "gpt-4o", "gemini-pro"]
PROVIDERS = {"claude-sonnet": "anthropic", "gpt-4o": "openai", "gemini-pro": "gemini"}


@pytest.fixture(scope="module")
def chat(running: Gateway) -> Iterator[Any]:
    """OpenAI's client, which asks once."""
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.key, max_retries=0, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def claude(running: Gateway) -> Iterator[Any]:
    """Anthropic's client, which asks once."""
    with anthropic.Anthropic(base_url=running.url, api_key=running.key, max_retries=0, timeout=60) as client:
        yield client


def sent(providers: ModelProviders, model: str) -> dict[str, Any]:
    """The last request that reached the provider of a model."""
    return dict(providers.providers[PROVIDERS[model]].hits()[-1].question.body)


def calling(providers: ModelProviders, model: str) -> None:
    """Let a model call the function from now on."""
    providers.behave(PROVIDERS[model], Behaviour(tool="weather", text=IN_PARIS))


@pytest.mark.parametrize("model", MODELS)
def test_openai_chats(chat: Any, providers: ModelProviders, model: str) -> None:
    answer = chat.chat.completions.create(model=model, messages=HI, max_tokens=20)
    assert answer.choices[0].message.content == "Hello!"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (12, 2)
    assert answer._request_id
    with chat.chat.completions.stream(model=model, messages=HI, stream_options={"include_usage": True}) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
        whole = stream.get_final_completion()
    assert text == whole.choices[0].message.content == "Hello!"
    assert whole.usage.total_tokens == 14
    assert len(providers.providers[PROVIDERS[model]].hits()) == 2


def test_openai_lists_the_models(chat: Any) -> None:
    assert [model.id for model in chat.models.list()] == [*MODELS, "gemini-flash"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_openai_calls_tools(chat: Any, providers: ModelProviders, model: str, stream: bool) -> None:
    calling(providers, model)
    asked = {"model": model, "messages": HI, "tools": [{"type": "function", "function": WEATHER}]}
    if stream:
        with chat.chat.completions.stream(**asked) as events:
            answer = events.get_final_completion()
    else:
        answer = chat.chat.completions.create(**asked, tool_choice="required")
    assert "weather" in json.dumps(sent(providers, model))
    message = answer.choices[0].message
    (call,) = message.tool_calls
    assert (answer.choices[0].finish_reason, call.function.name) == ("tool_calls", "weather")
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    providers.reset()
    said = message.model_dump(exclude_none=True, exclude={"parsed"})
    for each in said["tool_calls"]:
        each["function"].pop("parsed_arguments", None)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    asked["messages"] = [*HI, said, result]
    assert chat.chat.completions.create(**asked).choices[0].message.content == "Hello!"
    assert "sunny" in json.dumps(sent(providers, model))


@pytest.mark.parametrize("model", MODELS)
def test_openai_sends_an_image(chat: Any, providers: ModelProviders, model: str) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}]
    assert chat.chat.completions.create(model=model, messages=messages).choices[0].message.content == "Hello!"
    assert PIXEL in json.dumps(sent(providers, model))


def test_openai_asks_for_json(chat: Any, providers: ModelProviders) -> None:
    providers.behave("openai", Behaviour(text=IN_PARIS))
    wanted = {"type": "json_object"}
    answer = chat.chat.completions.create(model="gpt-4o", messages=HI, response_format=wanted)
    assert json.loads(answer.choices[0].message.content) == {"city": "Paris"}
    assert sent(providers, "gpt-4o")["response_format"] == wanted


@pytest.mark.parametrize("model", ["gpt-4o", "gemini-pro"])
def test_openai_parses_an_answer_of_a_given_form(chat: Any, providers: ModelProviders, model: str) -> None:
    pydantic = pytest.importorskip("pydantic")
    place = pydantic.create_model("Place", city=(str, ...))
    providers.behave(PROVIDERS[model], Behaviour(text=IN_PARIS))
    answer = chat.chat.completions.parse(model=model, messages=HI, response_format=place)
    assert answer.choices[0].message.parsed.city == "Paris"
    assert "city" in json.dumps(sent(providers, model))


def test_openai_completes_text(chat: Any) -> None:
    answer = chat.completions.create(model="gpt-4o", prompt="hi", max_tokens=10)
    assert answer.choices[0].text == "Hello!"


def test_openai_knows_the_gateways_errors(chat: Any, providers: ModelProviders) -> None:
    ask = chat.chat.completions.create
    with pytest.raises(openai.AuthenticationError) as refused:
        chat.with_options(api_key="sk-wrong").chat.completions.create(model="gpt-4o", messages=HI)
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as unknown:
        ask(model="gpt-5", messages=HI)
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as steering:
        ask(model="gpt-4o", messages=HI, extra_body={"api_base": "http://127.0.0.1:1"})
    assert (steering.value.code, steering.value.param) == ("unknown_parameter", "api_base")
    with pytest.raises(openai.NotFoundError) as embedding:
        chat.embeddings.create(model="gpt-4o", input="hi")
    assert embedding.value.code == "embeddings_not_supported"
    assert not providers.providers["openai"].hits()
    providers.behave("openai", Behaviour(kind="status", status=429))
    with pytest.raises(openai.RateLimitError) as limited:
        ask(model="gpt-4o", messages=HI)
    assert limited.value.code == "rate_limit_exceeded"
    assert limited.value.request_id


@pytest.mark.parametrize("stream", [False, True])
def test_openai_tells_that_a_provider_failed(chat: Any, providers: ModelProviders, stream: bool) -> None:
    providers.behave("openai", Behaviour(kind="status", status=500))
    with pytest.raises(openai.InternalServerError) as failed:
        chat.chat.completions.create(model="gpt-4o", messages=HI, stream=stream)
    assert (failed.value.status_code, failed.value.code) == (502, "provider_failed")


def test_openai_gives_up_and_tries_again(chat: Any, providers: ModelProviders) -> None:
    providers.behave("openai", Behaviour(kind="slow", seconds=1.5))
    with pytest.raises(openai.APITimeoutError):
        chat.with_options(timeout=0.4).chat.completions.create(model="gpt-4o", messages=HI)
    providers.reset()
    providers.behave("openai", Behaviour(kind="status", status=503, times=1))
    answer = chat.with_options(max_retries=1).chat.completions.create(model="gpt-4o", messages=HI)
    assert answer.choices[0].message.content == "Hello!"
    assert len(providers.providers["openai"].hits()) == 2


def test_openai_sees_who_answered(chat: Any, providers: ModelProviders) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=529))
    answer = chat.chat.completions.with_raw_response.create(model="claude-sonnet", messages=HI)
    assert answer.headers["x-gateway-model"] == "gpt-4o"
    assert answer.parse().choices[0].message.content == "Hello!"


@pytest.mark.parametrize("model", MODELS)
def test_anthropic_chats(claude: Any, providers: ModelProviders, model: str) -> None:
    answer = claude.messages.create(model=model, messages=HI, max_tokens=20, system="Be brief.")
    assert [block.text for block in answer.content] == ["Hello!"]
    assert (answer.stop_reason, answer.usage.input_tokens, answer.usage.output_tokens) == ("end_turn", 12, 2)
    assert "Be brief." in json.dumps(sent(providers, model))
    with claude.messages.stream(model=model, messages=HI, max_tokens=20) as stream:
        text = "".join(stream.text_stream)
        whole = stream.get_final_message()
    assert text == whole.content[0].text == "Hello!"
    assert whole.stop_reason == "end_turn"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_anthropic_calls_tools(claude: Any, providers: ModelProviders, model: str, stream: bool) -> None:
    calling(providers, model)
    asked = {"model": model, "messages": HI, "max_tokens": 50, "tools": [ANTHROPIC_WEATHER]}
    if stream:
        with claude.messages.stream(**asked) as events:
            answer = events.get_final_message()
    else:
        answer = claude.messages.create(**asked, tool_choice={"type": "any"})
    (call,) = (block for block in answer.content if block.type == "tool_use")
    assert (answer.stop_reason, call.name, call.input) == ("tool_use", "weather", {"city": "Paris"})
    providers.reset()
    said = {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": call.id, "name": "weather", "input": call.input}],
    }
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]}
    asked["messages"] = [*HI, said, result]
    assert claude.messages.create(**asked).content[0].text == "Hello!"
    assert "sunny" in json.dumps(sent(providers, model))


@pytest.mark.parametrize("model", MODELS)
def test_anthropic_sends_an_image(claude: Any, providers: ModelProviders, model: str) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    messages = [{"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]}]
    assert claude.messages.create(model=model, messages=messages, max_tokens=20).content[0].text == "Hello!"
    assert PIXEL in json.dumps(sent(providers, model))


def test_anthropic_knows_the_gateways_errors(claude: Any, providers: ModelProviders) -> None:
    asked = {"model": "gpt-4o", "messages": HI, "max_tokens": 20}
    with pytest.raises(anthropic.AuthenticationError):
        claude.with_options(api_key="sk-wrong").messages.create(**asked)
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.create(**{**asked, "model": "claude-2"})
    with pytest.raises(anthropic.BadRequestError, match="mcp_servers"):
        claude.messages.create(**asked, extra_body={"mcp_servers": []})
    assert not providers.providers["openai"].hits()
    providers.behave("openai", Behaviour(kind="status", status=429))
    with pytest.raises(anthropic.RateLimitError):
        claude.messages.create(**asked)
    providers.behave("openai", Behaviour(kind="status", status=500))
    with pytest.raises(anthropic.InternalServerError) as failed:
        claude.messages.create(**asked)
    assert failed.value.body["error"]["type"] == "api_error"


def test_anthropic_gives_up_and_tries_again(claude: Any, providers: ModelProviders) -> None:
    asked = {"model": "gpt-4o", "messages": HI, "max_tokens": 20}
    providers.behave("openai", Behaviour(kind="slow", seconds=1.5))
    with pytest.raises(anthropic.APITimeoutError):
        claude.with_options(timeout=0.4).messages.create(**asked)
    providers.reset()
    providers.behave("openai", Behaviour(kind="status", status=503, times=1))
    assert claude.with_options(max_retries=1).messages.create(**asked).content[0].text == "Hello!"
    assert len(providers.providers["openai"].hits()) == 2


def test_an_alias_falls_back_too(chat: Any, claude: Any, providers: ModelProviders) -> None:
    alias = "claude-sonnet-4-6"
    assert alias not in {model.id for model in chat.models.list()}
    assert chat.chat.completions.create(model=alias, messages=HI).model == "claude-sonnet"
    providers.behave("anthropic", Behaviour(kind="status", status=529))
    for ask in (chat.chat.completions.with_raw_response.create, claude.messages.with_raw_response.create):
        answer = ask(model=alias, messages=HI, max_tokens=20)
        assert answer.headers["x-gateway-model"] == "gpt-4o"


def test_anthropic_is_answered_by_another(claude: Any, providers: ModelProviders) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=529))
    answer = claude.messages.with_raw_response.create(model="claude-sonnet", messages=HI, max_tokens=20)
    assert answer.headers["x-gateway-model"] == "gpt-4o"
    assert answer.parse().content[0].text == "Hello!"
