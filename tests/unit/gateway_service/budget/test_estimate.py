"""No request can cost more than its estimate."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litellm_gateway import json_body
from litellm_gateway.budget import estimate, money
from litellm_gateway.budget.estimate import Price, Size

pytestmark = pytest.mark.unit

GEMINI = {
    "input_cost_per_token": 1.25e-06,
    "input_cost_per_token_above_200k_tokens": 2.5e-06,
    "input_cost_per_token_above_200k_tokens_priority": 4.5e-06,
    "input_cost_per_token_batches": 6.25e-07,
    "output_cost_per_token": 1e-05,
    "output_cost_per_token_above_200k_tokens": 1.5e-05,
    "cache_read_input_token_cost": 1.25e-07,
}
CLAUDE = {
    "input_cost_per_token": 3e-06,
    "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06,
    "output_cost_per_token": 1.5e-05,
    "output_cost_per_reasoning_token": None,
}


def size(body: dict[str, Any]) -> Size:
    return estimate.size(body, json_body.encode(body))


def request(content: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}], "max_tokens": 100, **more}


@pytest.mark.parametrize(
    ("entry", "asked", "usd"),
    [
        (GEMINI, Size(1000, 100), "0.00225"),
        (GEMINI, Size(200_000, 100), "0.251"),
        (GEMINI, Size(200_001, 100), "0.5015025"),
        (CLAUDE, Size(1000, 100), "0.0075"),
        ({**CLAUDE, "max_input_tokens": 500}, Size(10**9, 100), "0.0045"),
        ({"input_cost_per_token": 3.75e-08, "output_cost_per_token": 0.0}, Size(1, 100), "0.0000000375"),
        ({"input_cost_per_token": 3e-07, "input_cost_per_audio_token": 1e-06}, Size(10, 10), "0.00001"),
    ],
)
def test_the_dearest_price_that_can_apply_counts(entry: dict[str, Any], asked: Size, usd: str) -> None:
    assert money.usd(Price(entry).bound(asked)) == Decimal(usd)


def test_text_counts_by_its_bytes() -> None:
    short, long = size(request("a" * 10)), size(request("ä" * 10))
    assert long.input_tokens - short.input_tokens == 10
    assert size(request("a" * 5010)).input_tokens - short.input_tokens == 5000


def test_tools_count_too() -> None:
    tool = {"type": "function", "function": {"name": "f", "description": "d" * 1000}}
    assert size(request("a", tools=[tool])).input_tokens - size(request("a")).input_tokens > 1000


def test_the_preamble_that_a_provider_adds_for_tools_fits() -> None:
    """Anthropic's has up to 530 tokens, whatever the tools. Source: its documentation of tool use, under pricing."""
    tool = {"type": "function", "function": {"name": "f"}}
    asked = request("a", tools=[tool])
    assert size(asked).input_tokens >= len(json_body.encode(asked)) + 530


def test_what_may_fill_a_context_counts_as_more_than_any_context() -> None:
    assert estimate.ANY_TOKENS > 2_000_000, "the largest there is, Gemini's"


def test_an_image_and_a_file_count_by_what_providers_make_of_them() -> None:
    bare = size(request([{"type": "text", "text": "a"}])).input_tokens
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert size(request([{"type": "text", "text": "a"}, url])).input_tokens == bare + estimate.IMAGE_TOKENS
    file = {"type": "file", "file": {"file_data": "A"}}
    assert size(request([{"type": "text", "text": "a"}, file])).input_tokens == bare + estimate.ANY_TOKENS


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a.org/b.PNG?size=1"}}, estimate.IMAGE_TOKENS),
        ({"type": "image_url", "image_url": {"url": "https://a.org/film.mp4"}}, estimate.ANY_TOKENS),
        ({"type": "image_url", "image_url": {"url": "https://a.org/film?name=a.png"}}, estimate.ANY_TOKENS),
        ({"type": "file", "file": {"file_id": "file-1"}}, estimate.ANY_TOKENS),
        ({"type": "image", "source": {"type": "url", "url": "https://a.org/b.jpg"}}, estimate.IMAGE_TOKENS),
        ({"type": "image", "source": {"type": "url", "url": "https://a.org/b"}}, estimate.ANY_TOKENS),
        ({"type": "document", "source": {"type": "url", "url": "https://a.org/b.pdf"}}, estimate.ANY_TOKENS),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}, estimate.ANY_TOKENS),
    ],
)
def test_what_a_provider_fetches_itself_is_bounded_by_its_context_unless_it_says_what_it_is(
    part: dict[str, Any], tokens: int
) -> None:
    bare = size(request([{"type": "text", "text": "a"}])).input_tokens
    assert size(request([{"type": "text", "text": "a"}, part])).input_tokens == bare + tokens


@pytest.mark.parametrize(
    ("given_limits", "tokens"),
    [
        ({"max_tokens": 7}, 7),
        ({"max_completion_tokens": 9, "max_tokens": None}, 9),
        ({"max_completion_tokens": 200}, 200),
    ],
)
def test_the_larger_limit_of_the_answer_counts(given_limits: dict[str, Any], tokens: int) -> None:
    assert size(request("a", **given_limits)).output_tokens == tokens


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=50))
def test_any_text_can_be_estimated_and_is_at_least_as_long_as_its_bytes(text: str) -> None:
    body = json.loads(json.dumps(request(text)))
    assert size(body).input_tokens >= len(text.encode())
