"""Clients with keys of their own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from litellm_gateway.budget.estimate import Size
from litellm_gateway.clients import Client, Keys, digest
from litellm_gateway.errors import RequestError

from .conftest import KEY

if TYPE_CHECKING:
    from litellm_gateway.application import Gateway
    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.budget.sqlite import SqliteLedger

    from .conftest import Answer, Call, Inner

pytestmark = pytest.mark.unit

CHAT = "/v1/chat/completions"
A, B, OLD = ("sk-" + letter * 32 for letter in "abc")
END = dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC)
CLIENTS = (
    Client("team-a", digest(A), Decimal("0.01"), frozenset({"gpt-4o"})),
    Client("team-b", digest(B), expires=dt.datetime(9999, 1, 1, tzinfo=dt.UTC)),
    Client("old", digest(OLD), expires=END),
)
LISTED = [
    {"id": "claude-sonnet", "object": "model", "created": 1705478400, "owned_by": "anthropic"},
    {"id": "gpt-4o", "object": "model", "created": 1705478400, "owned_by": "openai"},
]


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def asking(model: str) -> list[bytes]:
    return [json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}).encode()]


def code(answer: Answer) -> tuple[int, Any]:
    return answer.status, json.loads(answer.body)["error"]["code"]


@pytest.fixture
def gateway(make_gateway: Callable[..., Gateway]) -> Gateway:
    return make_gateway(clients=CLIENTS)


def test_a_client_asks_with_its_own_key_and_litellm_gets_the_gateways(
    call: Call, inner: Inner, gateway: Gateway, ledger: SqliteLedger
) -> None:
    assert call("POST", CHAT, asking("gpt-4o"), bearer(A), gateway=gateway).status == 200
    assert dict(inner.scopes[0]["headers"])[b"authorization"] == b"Bearer " + KEY.encode()
    assert {balance.account for balance in ledger.balances()[1]} == {"total", "key:team-a"}
    message = {"model": "gpt-4o", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
    sent = [json.dumps(message).encode()]
    assert call("POST", "/v1/messages", sent, {"x-api-key": B}, gateway=gateway).status == 200


def test_a_key_is_nobodys_unless_it_is_whole(call: Call, inner: Inner, gateway: Gateway) -> None:
    for key in ("", A[:-1], A + "a", A.upper(), digest(A).hex(), "sk-" + "d" * 32):
        answer = call("POST", CHAT, asking("gpt-4o"), bearer(key), gateway=gateway)
        assert code(answer) == (401, "invalid_api_key")
        assert answer.pieces_read == 0
    assert not inner.scopes


def test_a_key_that_has_expired_is_told_so(call: Call, gateway: Gateway) -> None:
    answer = call("POST", CHAT, asking("gpt-4o"), bearer(OLD), gateway=gateway)
    assert code(answer) == (401, "expired_api_key")
    assert "'old' expired on 2026-11-01T10:00:00Z" in json.loads(answer.body)["error"]["message"]


def test_a_key_ends_at_its_end() -> None:
    moment = END
    keys = Keys(KEY, CLIENTS, now=lambda: moment)
    assert keys.find(OLD) is None
    moment -= dt.timedelta(seconds=1)
    assert keys.authenticate(OLD).name == "old"


def test_a_model_that_a_key_may_not_use_does_not_exist_for_it(call: Call, inner: Inner, gateway: Gateway) -> None:
    answer = call("POST", CHAT, asking("claude-sonnet"), bearer(A), gateway=gateway)
    assert code(answer) == (404, "model_not_found")
    assert not inner.scopes
    assert code(call("POST", CHAT, asking("claude"), bearer(A), gateway=gateway)) == (404, "model_not_found")
    assert call("POST", CHAT, asking("claude-sonnet"), bearer(B), gateway=gateway).status == 200
    assert call("POST", CHAT, asking("claude"), bearer(B), gateway=gateway).status == 200
    assert json.loads(inner.bodies[-1])["model"] == "claude-sonnet"


@pytest.mark.parametrize(("key", "listed"), [("", LISTED), (KEY, LISTED), (B, LISTED), (OLD, LISTED), (A, LISTED[1:])])
def test_a_key_sees_the_models_it_may_ask_for(call: Call, gateway: Gateway, key: str, listed: list[Any]) -> None:
    answer = call("GET", "/v1/models", headers=bearer(key), gateway=gateway)
    assert (answer.status, json.loads(answer.body)) == (200, {"data": listed})


def test_a_key_that_has_spent_its_budget_is_refused_while_others_go_on(
    call: Call, inner: Inner, make_meter: Callable[..., Meter], make_gateway: Callable[..., Gateway]
) -> None:
    meter = make_meter("10")
    meter.limits = {**meter.limits, "key:team-a": 3_600_000_000}
    gateway = make_gateway(clients=CLIENTS, meter=meter)
    meter.open("before", "gpt-4o", Size(0, 10), "key:team-a")
    meter.settle("before", "gpt-4o", Decimal("0.002"))
    answer = call("POST", CHAT, asking("gpt-4o"), bearer(A), gateway=gateway)
    assert code(answer) == (429, "budget_exceeded")
    assert "of team-a has $0.0016 left" in json.loads(answer.body)["error"]["message"]
    assert not inner.scopes
    assert call("POST", CHAT, asking("gpt-4o"), bearer(B), gateway=gateway).status == 200


def test_what_others_left_of_the_days_budget_is_told_to_the_master_alone(
    call: Call, make_meter: Callable[..., Meter], make_gateway: Callable[..., Gateway]
) -> None:
    gateway = make_gateway(clients=CLIENTS, meter=make_meter("0.003"))

    def told(key: str) -> str:
        answer = call("POST", CHAT, asking("gpt-4o"), bearer(key), gateway=gateway)
        assert code(answer) == (429, "budget_exceeded")
        return str(json.loads(answer.body)["error"]["message"])

    assert "Today's budget of $0.003 has $0.0030 left" in told(KEY)
    assert "which all clients share, has not enough left" in told(A)
    assert "0.003 " not in told(A)


def test_a_client_is_told_its_own_budget_and_the_master_all(
    call: Call, make_meter: Callable[..., Meter], make_gateway: Callable[..., Gateway]
) -> None:
    meter = make_meter("10")
    meter.limits = {**meter.limits, "key:team-a": 2_000_000_000_000}
    gateway = make_gateway(clients=CLIENTS, meter=meter)

    def accounts(key: str) -> dict[str, Any]:
        answer = call("GET", "/v1/budget", headers=bearer(key), gateway=gateway)
        return {entry["account"]: entry["limit_usd"] for entry in json.loads(answer.body)["accounts"]}

    assert accounts(A) == {"key:team-a": "2.00"}
    assert accounts(B) == {"key:team-b": None}
    assert accounts(KEY) == {"total": "10.00", "key:team-a": "2.00"}


def test_what_is_the_masters_alone_is_not_told_to_clients() -> None:
    keys = Keys(KEY, CLIENTS)
    assert keys.authenticate_master(KEY).is_master
    for key, status in ((A, 403), (OLD, 401), ("", 401)):
        with pytest.raises(RequestError) as caught:
            keys.authenticate_master(key)
        assert caught.value.status == status


@pytest.mark.parametrize("path", ["/metrics", "/status"])
def test_the_numbers_of_all_are_for_the_master_alone(call: Call, gateway: Gateway, path: str) -> None:
    assert code(call("GET", path, headers=bearer(B), gateway=gateway)) == (403, "permission_denied")
    assert call("GET", path, headers=bearer(KEY), gateway=gateway).status == 200
