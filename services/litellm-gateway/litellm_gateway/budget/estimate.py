"""An upper bound of what a request can cost.

A token stands for one byte of text at least, so the bytes of a body bound its tokens. What a provider turns into tokens
itself, images and files, is bounded by constants instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from litellm_gateway import json_body
from litellm_gateway.budget import money

IMAGE_TOKENS: Final = 10_000
"""More than any provider here makes of one image."""

ANY_TOKENS: Final = 10_000_000
"""More than any model takes, so its context is the bound: a few bytes hold hours of silence or hundreds of pages."""

OVERHEAD_TOKENS: Final = 1_000
"""What providers add: roles, the tools' preamble."""

_INPUT: Final = re.compile(
    r"(?:input_cost_per_(?:audio_)?token|cache_creation_input_(?:audio_)?token_cost)(?:_above_(?:1hr|(\d+)k_tokens))*"
)
_OUTPUT: Final = re.compile(r"output_cost_per_(?:reasoning_)?token(?:_above_(\d+)k_tokens)?")
_THOUSAND: Final = 1000

_PICTURE: Final = re.compile(r"[^?#]*\.(?:png|jpe?g|gif|webp)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
"""Addresses that say that they are of an image; LiteLLM tells Gemini so."""

Tiers = tuple[tuple[int, Decimal], ...]
"""Prices in US dollars for one token, each with the number of input tokens above which it can apply."""


@dataclass(frozen=True)
class Size:
    """Bounds of one request, in tokens."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Price:
    """A model's entry in LiteLLM's price map; prices are US dollars for one token."""

    entry: Mapping[str, Any]

    @cached_property
    def _input(self) -> Tiers:
        return _tiers(self.entry, _INPUT)

    @cached_property
    def _output(self) -> Tiers:
        return _tiers(self.entry, _OUTPUT)

    def bound(self, size: Size) -> int:
        """The most that a request of this size costs, in picodollars: the dearest of the prices that can apply.

        A provider refuses, unpaid, what does not fit into the model's context.
        """
        tokens = min(size.input_tokens, self.entry.get("max_input_tokens") or size.input_tokens)
        answer = _dearest(self._output, tokens) * size.output_tokens
        return money.at_least(_dearest(self._input, tokens) * tokens + answer)


def _tiers(entry: Mapping[str, Any], names: re.Pattern[str]) -> Tiers:
    found = ((names.fullmatch(name), value) for name, value in entry.items())
    return tuple((int(match[1] or 0) * _THOUSAND, money.price(value)) for match, value in found if match and value)


def _dearest(tiers: Tiers, tokens: int) -> Decimal:
    return max((price for above, price in tiers if tokens > above), default=Decimal(0))


def size(request: Mapping[str, Any], body: bytes) -> Size:
    """The bounds of a checked request, whose answer is bounded already; `body` is the request as JSON."""
    found: Counter[int] = Counter()
    messages = [_without_media(message, found) for message in request.get("messages", ())]
    media = sum(tokens * number for tokens, number in found.items())
    text = json_body.encode({**request, "messages": messages}) if media else body
    limits = (request.get(name) for name in ("max_tokens", "max_completion_tokens"))
    answer = max(limit for limit in limits if limit)
    return Size(len(text) + OVERHEAD_TOKENS + media, answer)


def _without_media(holder: Mapping[str, Any], found: Counter[int]) -> Mapping[str, Any]:
    """A message or a tool's result without its images and files, which are counted by the tokens they stand for."""
    content = holder.get("content")
    if not isinstance(content, list):
        return holder
    kept = []
    for part in content:
        tokens = _media_tokens(part)
        found[tokens] += 1
        if not tokens:
            kept.append(_without_media(part, found))
    return {**holder, "content": kept}


def _media_tokens(part: Mapping[str, Any]) -> int:
    """What a part of OpenAI's or Anthropic's API stands for; 0 where its own bytes are the bound."""
    match part["type"]:
        case "image_url":
            return _image_tokens(part["image_url"]["url"])
        case "image":
            return _image_tokens(part["source"].get("url"))
        case "document" | "file" | "input_audio":
            return ANY_TOKENS
    return 0


def _image_tokens(url: str | None) -> int:
    """For an image that the request brings along, inline or without an address, or whose address names one."""
    named = url is None or url.startswith("data:") or _PICTURE.fullmatch(url)
    return IMAGE_TOKENS if named else ANY_TOKENS
