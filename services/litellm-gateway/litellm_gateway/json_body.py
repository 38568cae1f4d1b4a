"""A request body as JSON, bounded before it is parsed: neither depth nor number of values may use up the process.

What JSON leaves to the reader is refused, so that nobody after the gateway reads the same body differently: a key given
twice, numbers that are not finite, halves of characters.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from litellm_gateway.errors import invalid

DEEPEST: Final = 64
"""Levels of lists and objects; no tool's schema comes near."""

MOST_VALUES: Final = 100_000
"""Values of one body, roughly: its commas and brackets are counted."""

_TEXTS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_NOT_JSON: Final = (ValueError, RecursionError)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` is. Raises a 400 with the code `invalid_json`."""
    _check_form(_TEXTS.sub(b"", body))
    try:
        request = _DECODER.decode(body.decode())
    except _NOT_JSON:
        raise invalid("invalid_json", "The body is not valid JSON in UTF-8.") from None
    if not isinstance(request, dict):
        raise invalid("invalid_json", "The body has to be a JSON object.")
    return request


def encode(request: dict[str, Any]) -> bytes:
    """The JSON that LiteLLM gets. Raises a 400 where a text holds half of a character, which no provider takes."""
    try:
        return _ENCODER.encode(request).encode()
    except UnicodeEncodeError:
        raise invalid("invalid_json", "A text of the body holds half of a character (a lone surrogate).") from None


def _check_form(bare: bytes) -> None:
    """Raise a 400 where `bare`, a body without its texts, is too deep or too long to be parsed."""
    brackets = bare.translate(None, _BUT_BRACKETS)
    if len(brackets) + bare.count(b",") > MOST_VALUES:
        raise invalid("invalid_json", f"The body holds more than {MOST_VALUES} values.")
    for _ in range(DEEPEST):
        if not brackets:
            return
        brackets = _without_innermost(brackets)
    if brackets:
        raise invalid("invalid_json", f"The body is not valid JSON, or nested more than {DEEPEST} levels deep.")


def _without_innermost(brackets: bytes) -> bytes:
    return re.sub(rb"\[\]|\{\}", b"", brackets)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_unique)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
