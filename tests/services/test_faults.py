"""Providers that do not answer, or not with an answer: what the client sees, and what it costs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.models.behaviour import Behaviour, Kind

from .test_budget import ONE_CALL, account, ask, until_settled
from .test_log import line_of

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway, Start

pytestmark = pytest.mark.services

CLOSED = """
  - model_name: {name}
    litellm_params: {{model: {upstream}, api_key: unused, api_base: "http://127.0.0.1:1/v1", timeout: 5}}
"""
MEGABYTES = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def impatient(start: Start, service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose timeouts are a second, with two more models, which cannot be reached."""
    directory = tmp_path_factory.mktemp("impatient")
    text = (service / "litellm-config.yaml").read_text()
    for old in ("stream_timeout: 20", "request_timeout: 60", "timeout: 60"):
        assert old in text
        text = text.replace(old, old.rpartition(" ")[0] + " 1")
    closed = CLOSED.format(name="away", upstream="anthropic/claude-sonnet-4-6")
    closed += CLOSED.format(name="away-too", upstream="gemini/gemini-2.5-pro")
    text = text.replace("\nmodel_list:\n", "\nmodel_list:\n" + closed)
    text = text.replace("  fallbacks:\n", "  fallbacks:\n    - away: [away-too]\n")
    config = directory / "config.yaml"
    config.write_text(text)
    with start(CONFIG_FILE_PATH=str(config), GATEWAY_DATA_DIR=str(directory)) as gateway:
        gateway.wait_until_ready()
        yield gateway


class Spending:
    """What has been spent since."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._before = self._spent()

    def now(self, *accounts: str) -> list[Decimal]:
        """By account, once everything is settled."""
        until_settled(self._gateway)
        return [self._spent().get(name, Decimal(0)) - self._before.get(name, Decimal(0)) for name in accounts]

    def _spent(self) -> dict[str, Decimal]:
        shown = self._gateway.get("/v1/budget", headers=self._gateway.headers).json()
        return {entry["account"]: Decimal(entry["spent_usd"]) for entry in shown["accounts"]}


@pytest.fixture
def spending(impatient: Gateway) -> Spending:
    return Spending(impatient)


@pytest.mark.parametrize(
    ("kind", "stream"), [("hang", False), ("cut_off", False), ("garbage", False), ("hang", True), ("cut_off", True)]
)
def test_an_answer_that_is_lost_counts_as_the_most_it_can_be(
    impatient: Gateway, providers: ModelProviders, spending: Spending, kind: Kind, stream: bool
) -> None:
    """It was worked on, so it may be on the provider's bill."""
    providers.behave("anthropic", Behaviour(kind=kind))
    answer = ask(impatient, "claude-sonnet", stream=stream)
    assert (answer.status_code, answer.headers["x-litellm-model-group"]) == (200, "gpt-4o")
    total, claude, gpt = spending.now("total", "provider:anthropic", "provider:openai")
    assert Decimal("0.005") < claude < Decimal("0.01")
    assert (gpt, total) == (ONE_CALL, claude + ONE_CALL)
    line = line_of(impatient, answer)
    assert (Decimal(line["cost_usd"]), Decimal(line["unanswered_usd"])) == (ONE_CALL, claude)
    assert [hop["from"] for hop in line["fallbacks"]] == ["claude-sonnet"]


@pytest.mark.parametrize("provider", ["anthropic", "openai", "gemini"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_costs_nothing(
    impatient: Gateway, providers: ModelProviders, spending: Spending, provider: str, stream: bool
) -> None:
    model = {"anthropic": "claude-sonnet", "openai": "gpt-4o", "gemini": "gemini-pro"}[provider]
    for status in (401, 500):
        for name in providers.providers:
            providers.behave(name, Behaviour(kind="status", status=status))
        answer = ask(impatient, model, stream=stream)
        assert answer.status_code == 502
        assert line_of(impatient, answer)["fallbacks"][-1]["to"] is None
    assert spending.now("total") == [0]


@pytest.mark.parametrize("model", ["gpt-4o", "gemini-pro"])
@pytest.mark.parametrize("stream", [False, True])
def test_silence_is_told_after_the_timeout(
    impatient: Gateway, providers: ModelProviders, spending: Spending, model: str, stream: bool
) -> None:
    for name in ("openai", "gemini"):
        providers.behave(name, Behaviour(kind="hang"))
    begun = time.monotonic()
    answer = ask(impatient, model, stream=stream)
    assert time.monotonic() - begun < 10
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "provider_timeout")
    (total,) = spending.now("total")
    assert Decimal(line_of(impatient, answer)["unanswered_usd"]) == total > ONE_CALL


def test_a_lost_answer_after_a_refusal_counts_for_itself(
    impatient: Gateway, providers: ModelProviders, spending: Spending
) -> None:
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    for name in ("openai", "gemini"):
        providers.behave(name, Behaviour(kind="garbage"))
    refused = ask(impatient, "claude-sonnet")
    assert refused.status_code in {400, 502}
    total, claude, gpt, gemini = spending.now("total", "provider:anthropic", "provider:openai", "provider:google")
    assert claude == 0
    assert total == gpt + gemini
    assert min(gpt, gemini) > 0


@pytest.mark.parametrize("stream", [False, True])
def test_when_nobody_can_be_reached_one_error_names_all_and_nothing_is_spent(
    impatient: Gateway, spending: Spending, stream: bool
) -> None:
    refused = ask(impatient, "away", stream=stream)
    assert (refused.status_code, refused.headers["content-type"]) == (502, "application/json")
    error = refused.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("upstream_error", "provider_failed", None)
    assert error["message"].endswith("no fallback answered. Asked in vain: away, away-too.")
    assert [hop["to"] for hop in line_of(impatient, refused)["fallbacks"]] == ["away-too", None]
    assert spending.now("total") == [0]


@pytest.mark.parametrize("stream", [False, True])
def test_ten_megabytes_pass_whole_while_others_are_answered(
    impatient: Gateway, providers: ModelProviders, spending: Spending, stream: bool
) -> None:
    text = "x" * MEGABYTES
    providers.behave("openai", Behaviour(text=text))
    answered = threading.Event()
    waits: list[float] = []

    def look() -> None:
        while not answered.wait(0.02):
            begun = time.monotonic()
            assert impatient.get("/health").status_code == 200
            waits.append(time.monotonic() - begun)

    looking = threading.Thread(target=look)
    looking.start()
    answer = ask(impatient, stream=stream)
    answered.set()
    looking.join()
    assert said(answer, stream=stream) == text
    assert max(waits) < 5
    assert spending.now("total") == [ONE_CALL]


def said(answer: httpx.Response, *, stream: bool) -> str:
    """The text of a chat completion."""
    if not stream:
        message: dict[str, Any] = answer.json()["choices"][0]["message"]
        return str(message["content"])
    events = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line.startswith("data: {")]
    chunks = [json.loads(event) for event in events]
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])


def test_a_page_in_the_place_of_a_stream_is_an_error(
    impatient: Gateway, providers: ModelProviders, spending: Spending
) -> None:
    providers.behave("anthropic", Behaviour(kind="garbage"))
    body = {"model": "claude-sonnet", "max_tokens": 10, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    answer = impatient.ask("POST", "/v1/messages", json=body, headers=impatient.headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (502, "api_error")
    assert "html" not in answer.text
    assert spending.now("total")[0] > ONE_CALL
    assert Decimal(account(impatient)["reserved_usd"]) == 0
