"""What the gateway refuses, against the real LiteLLM."""

from __future__ import annotations

import ast
import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import pytest
from litellm_gateway.connections import MOST

from .test_status import numbers

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders
    from localcloud.railway.state.model import Image

    from .conftest import Gateway

pytestmark = pytest.mark.services

HIDDEN = [
    "/",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/routes",
    "/health/readiness",
    "/health/liveliness",
    "/ui/",
    "/sso/key/generate",
    "/fallback/login",
    "/public/model_hub",
    "/key/generate",
    "/config/update",
    "/model/info",
    "/anthropic/v1/messages",
    "/openai/v1/chat/completions",
    "/v1/messages/count_tokens",
    "/v1/responses",
    "/v1/models/gpt-4o",
    "/v1/chat/completions/",
    "//v1/models",
    "/v1/%2e%2e/key/generate",
    "/.well-known/litellm-ui-config",
]


def no_hits(providers: ModelProviders) -> bool:
    return not any(provider.hits() for provider in providers.providers.values())


@pytest.mark.parametrize("path", HIDDEN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_path_of_litellm_is_reachable_even_with_the_key(gateway: Gateway, method: str, path: str) -> None:
    response = gateway.ask(method, path, headers=gateway.headers)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer sk-wrong"},
        {"authorization": "Basic c2s="},
        {"x-api-key": "KEY"},
        {"x-litellm-api-key": "KEY"},
        {"authorization": "KEY"},
    ],
)
def test_only_the_key_as_bearer_opens(gateway: Gateway, providers: ModelProviders, headers: dict[str, str]) -> None:
    sent = {name: value.replace("KEY", gateway.key) for name, value in headers.items()}
    response = gateway.chat("gpt-4o", headers=sent)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
    assert response.headers["www-authenticate"] == "Bearer"
    assert no_hits(providers)


@pytest.mark.parametrize(
    "steering",
    [
        {"api_key": "sk-other"},
        {"api_base": "http://127.0.0.1:1"},
        {"base_url": "http://127.0.0.1:1"},
        {"mock_response": "free"},
        {"mock_testing_fallbacks": True},
        {"fallbacks": ["gemini-pro"]},
        {"metadata": {"tags": ["x"]}},
        {"num_retries": 5},
        {"timeout": 1},
    ],
)
def test_a_body_cannot_steer_litellm(gateway: Gateway, providers: ModelProviders, steering: dict[str, Any]) -> None:
    response = gateway.chat("gpt-4o", **steering)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == next(iter(steering))
    assert no_hits(providers)


def test_no_parameter_is_accepted_that_litellm_takes_for_its_own(image: Image, service: Path) -> None:
    installed = Path(image.environment["PATH"].partition(":")[0]).parent
    owned = next(installed.glob("lib/python3*/site-packages/litellm/types/litellm_params.py"))
    own = words(ast.parse(owned.read_text()))
    assert {"api_key", "api_base", "mock_response", "fallbacks", "metadata", "num_retries"} <= own
    accepted = {name: parameters(service / "litellm_gateway" / f"{name}.py") for name in KINDS}
    assert all("model" in names for names in accepted.values())
    assert {name: own & names - {"model"} for name, names in accepted.items()} == {
        "chat": set(),
        "completions": {"prompt"},  # a group of fields there
        "anthropic": {"metadata"},  # of which a user_id alone passes
    }


OTEL = "litellm.integrations.otel.logger"
KINDS = ("chat", "completions", "anthropic")


def parameters(file: Path) -> set[str]:
    """The names of the parameters that a module of the service accepts, and some more words around them."""
    assignment = next(
        node
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PARAMETERS"
    )
    return words(assignment)


def words(tree: ast.AST) -> set[str]:
    """All names that are declared in a source, and all its texts."""
    nodes = list(ast.walk(tree))
    declared = {ast.unparse(node.target) for node in nodes if isinstance(node, ast.AnnAssign)}
    return declared | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_what_is_given_up_early_is_what_litellm_looks_for_and_cannot_find(image: Image, service: Path) -> None:
    (packages,) = Path(image.environment["PATH"].partition(":")[0]).parent.glob("lib/python3*/site-packages")
    upstream = ast.parse((service / "litellm_gateway" / "upstream.py").read_text())
    names = {node.value for node in ast.walk(upstream) if isinstance(node, ast.Constant)} & {"prisma.errors", OTEL}
    assert len(names) == 2
    assert not (packages / "prisma").exists()
    assert not (packages / "opentelemetry" / "sdk").exists()
    for name, file in {"prisma.errors": "repositories/base_repository.py", OTEL: "_service_logger.py"}.items():
        assert f"from {name} import" in (packages / "litellm" / file).read_text()


def test_a_query_string_cannot_steer_litellm(gateway: Gateway, providers: ModelProviders) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    path = "/v1/chat/completions?model=claude-sonnet"
    assert gateway.ask("POST", path, json=body, headers=gateway.headers).status_code == 200
    assert providers.providers["openai"].hits()
    assert not providers.providers["anthropic"].hits()


def test_request_headers_cannot_steer_litellm(gateway: Gateway, providers: ModelProviders) -> None:
    headers = {**gateway.headers, "x-litellm-timeout": "0.001", "x-litellm-num-retries": "7"}
    assert gateway.chat("gpt-4o", headers=headers).status_code == 200


def test_no_more_tokens_are_asked_for_than_the_cap(gateway: Gateway, providers: ModelProviders) -> None:
    gateway.chat("claude-sonnet", max_tokens=100_000)
    gateway.chat("claude-sonnet")
    gateway.chat("claude-sonnet", max_tokens=10)
    hits = providers.providers["anthropic"].hits()
    assert [hit.question.body["max_tokens"] for hit in hits] == [8192, 8192, 10]


def test_a_stranger_keeps_the_connection_only_with_a_body_that_is_all_here(gateway: Gateway) -> None:
    """Whoever is refused before the body is there could go on sending it for ever."""
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-length: 2\r\n\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), timeout=10) as connection:
        answers = connection.makefile("rb")
        for _ in range(2):
            connection.sendall(head + b"{}")
            assert b"connection: close" not in refused(answers)
        connection.sendall(head + b"{")
        assert b"connection: close" in refused(answers)
        assert answers.read() == b""


def refused(answers: BinaryIO) -> bytes:
    """The head of the next answer, which is a 401; its body is read over."""
    head = b"".join(iter(answers.readline, b"\r\n"))
    assert head.startswith(b"HTTP/1.1 401 ")
    answers.read(int(head.partition(b"content-length: ")[2].split()[0]))
    return head


def test_a_body_that_announces_too_much_is_not_read(gateway: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), timeout=10) as connection:
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n"
            f"authorization: Bearer {gateway.key}\r\ncontent-length: 99999999\r\n\r\n"
        )
        connection.sendall(head.encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413 ")


def test_a_body_that_grows_too_large_is_cut_off(gateway: Gateway) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"model":"gpt-4o","messages":[{"role":"user","content":"'
        for _ in range(5):
            yield b"x" * 1024 * 1024

    response = gateway.ask("POST", "/v1/chat/completions", content=endless(), headers=gateway.headers)
    assert response.status_code == 413


def test_a_body_below_the_cap_passes(gateway: Gateway) -> None:
    long = [{"role": "user", "content": "x" * (4 * 1024 * 1024 - 200)}]
    body = json.dumps({"model": "gpt-4o", "messages": long})
    response = gateway.ask("POST", "/v1/chat/completions", content=body, headers=gateway.headers, timeout=60)
    assert response.status_code == 200


def test_websockets_are_no_way_in(gateway: Gateway) -> None:
    headers = {
        **gateway.headers,
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    assert gateway.get("/v1/realtime", headers=headers).status_code == 404


def test_a_wrong_method_is_told_the_right_one(gateway: Gateway) -> None:
    response = gateway.get("/v1/chat/completions", headers=gateway.headers)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_what_is_no_http_is_logged_and_counted_without_its_content(gateway: Gateway) -> None:
    counted = 'gateway_refusals_total{code="invalid_http"}'
    before = numbers(gateway).get(counted, 0)
    with connect(gateway) as connection:
        connection.sendall(b"HELO canary-of-a-stranger\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    gateway.wait_for("- - 400")
    (line, *_) = [entry for entry in reversed(gateway.entries()) if entry["message"] == "- - 400"]
    assert (line["status"], line["code"], "client" in line) == (400, "invalid_http", False)
    assert "canary" not in "\n".join(gateway.lines)
    assert numbers(gateway)[counted] == before + 1


def test_strangers_who_hold_connections_keep_nobody_out(gateway: Gateway) -> None:
    with contextlib.ExitStack() as strangers:
        held = [strangers.enter_context(connect(gateway)) for _ in range(MOST + 20)]
        assert gateway.get("/health").status_code == 200
        assert gateway.chat("gpt-4o").status_code == 200
        assert not held[0].recv(1), "the first of them had to go"
        held[-1].sendall(b"GET /health HTTP/1.1\r\nhost: gateway\r\n\r\n")
        assert held[-1].recv(65536).startswith(b"HTTP/1.1 200 ")


def connect(gateway: Gateway) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), timeout=10)
