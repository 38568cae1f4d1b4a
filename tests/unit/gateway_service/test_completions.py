"""What a text completion may ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from litellm_gateway import completions
from litellm_gateway.errors import RequestError
from litellm_gateway.models import Model

pytestmark = pytest.mark.unit

VALID = {"model": "gpt-4o", "prompt": "hi"}


def prepare(request: dict[str, Any]) -> Any:
    return completions.prepare(
        json.dumps(request).encode(), models={"gpt-4o": Model("gpt-4o", "openai")}, max_tokens=50
    )


def test_a_prompt_is_bounded_and_counted() -> None:
    prepared = prepare({**VALID, "max_tokens": 100})
    assert json.loads(prepared.body) == {**VALID, "max_tokens": 50}
    assert prepared.size.output_tokens == 50
    assert prepare({**VALID, "prompt": "a" * 1002}).size.input_tokens == prepared.size.input_tokens + 1000
    assert prepare({**VALID, "prompt": ["hi"], "stream": True, "stop": ["x"]}).size.output_tokens == 50


PROMPTS: list[Any] = [None, "", [], ["a", "b"], [1], [[1, 2]], {}, 5]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("prompt", prompt) for prompt in PROMPTS),
        *[("suffix", "x"), ("echo", True), ("best_of", 2), ("logprobs", 1), ("n", 2), ("messages", [])],
        *[("api_base", "http://127.0.0.1"), ("stream_options", {"include_usage": True}), ("max_tokens", -1)],
    ],
)
def test_anything_else_is_refused(name: str, value: object) -> None:
    with pytest.raises(RequestError) as caught:
        prepare({**VALID, name: value})
    assert (caught.value.status, caught.value.body["error"]["param"]) == (400, name)
