"""Whatever a client sends: it is answered in the shape its API has for errors, or is a request that can be sent on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litellm_gateway import anthropic, chat, completions

from .conftest import KEY

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway

    from .conftest import Answer, Call, Inner

pytestmark = pytest.mark.unit

BEARER = {"authorization": f"Bearer {KEY}"}
CONVERSATION = {"messages": [{"role": "user", "content": "hi"}]}
APIS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "/v1/chat/completions": ({"model": "gpt-4o", **CONVERSATION}, sorted(chat.PARAMETERS)),
    "/v1/completions": ({"model": "gpt-4o", "prompt": "hi"}, sorted(completions.PARAMETERS)),
    "/v1/messages": ({"model": "gpt-4o", "max_tokens": 5, **CONVERSATION}, sorted(anthropic.PARAMETERS)),
}
WORDS = (
    *(
        "role",
        "content",
        "type",
        "text",
        "image_url",
        "url",
        "source",
        "data",
        "base64",
        "tool_calls",
        "function",
        "name",
    ),
    *(
        "tool_use",
        "tool_result",
        "tool_use_id",
        "thinking",
        "enabled",
        "budget_tokens",
        "input_schema",
        "user",
        "assistant",
    ),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**63, 1e308, -0.0, 1e-320])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(WORDS)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = [
    b"[" * 5000 + b"]" * 5000,
    b'{"model":"gpt-4o","messages":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"model":"gpt-4o","model":"claude-sonnet"}',
    b'{"model":"gpt-4o","max_tokens":1e999}',
    b'{"model":"gpt-4o","max_tokens":' + b"9" * 5000 + b"}",
    b'{"model":"\xff\xfe"}',
    b'{"\\ud800":1}',
]


@pytest.fixture
def ask(call: Call, make_gateway: Callable[..., Gateway], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """One gateway for all examples, with money for all of them."""
    gateway = make_gateway(body_bytes=50_000)
    return lambda path, body: call("POST", path, [body], BEARER, gateway=gateway)


def check(path: str, answer: Answer, inner: Inner) -> None:
    """Sent on whole, or refused in the right shape and not sent on."""
    sent = len(inner.bodies)
    inner.bodies.clear()
    if answer.status == 200:
        assert sent == 1
        return
    assert 400 <= answer.status < 500
    assert sent == 0
    body = json.loads(answer.body)
    shape = ["type", "error"] if path == "/v1/messages" else ["error"]
    inside = ["type", "message"] if path == "/v1/messages" else ["message", "type", "param", "code"]
    assert (list(body), list(body["error"])) == (shape, inside)


@pytest.mark.parametrize("path", APIS)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_field_may_hold_anything(ask: Callable[..., Answer], inner: Inner, path: str, data: st.DataObject) -> None:
    valid, names = APIS[path]
    changes = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=8), values, max_size=3))
    check(path, ask(path, json.dumps({**valid, **changes}).encode()), inner)


@pytest.mark.parametrize("path", APIS)
@pytest.mark.parametrize("body", BODIES)
def test_what_is_hard_to_read_is_refused(ask: Callable[..., Answer], inner: Inner, path: str, body: bytes) -> None:
    answer = ask(path, body)
    assert answer.status == 400
    check(path, answer, inner)


@pytest.mark.parametrize("path", APIS)
@given(body=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_any_bytes_are_refused(ask: Callable[..., Answer], inner: Inner, path: str, body: bytes) -> None:
    check(path, ask(path, body), inner)
