"""What is done to LiteLLM before it serves."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.machinery import ModuleSpec
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from litellm_gateway import upstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

pytestmark = pytest.mark.unit

ABSENT = "absent_package.errors"


class Asked:
    """A finder that finds nothing, and what it was asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        self.names.append(name)
        return None


@pytest.fixture
def asked() -> Iterator[Asked]:
    finder = Asked()
    sys.meta_path.insert(0, finder)
    yield finder
    sys.meta_path.remove(finder)
    sys.modules.pop(ABSENT, None)


def test_an_import_in_vain_is_tried_once(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "_TRIED_AT_EACH_CALL", (ABSENT, "json"))
    upstream._give_up_early()
    assert asked.names == ["absent_package"]
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(ABSENT)
    assert asked.names == ["absent_package"], "nobody looks for it again"
    assert sys.modules["json"] is json, "what is there stays"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What stands in for LiteLLM's proxy, which no process of these tests imports."""
    server = SimpleNamespace(llm_model_list=None)
    modules = {
        "fastapi": SimpleNamespace(),
        "fastapi.routing": SimpleNamespace(APIRouter=SimpleNamespace(add_api_route=None)),
        "litellm": SimpleNamespace(),
        "litellm.proxy": SimpleNamespace(),
        "litellm.proxy.proxy_server": server,
        "litellm.proxy.hooks": SimpleNamespace(PROXY_HOOKS={"parallel_request_limiter": object}),
        **dict.fromkeys(upstream._WAITED_FOR_AT_THE_FIRST_CALL, SimpleNamespace()),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(upstream, "_TRIED_AT_EACH_CALL", ())
    return server


def test_the_list_that_litellm_puts_in_the_place_of_its_first_one_is_served(proxy: SimpleNamespace) -> None:
    litellm = upstream.LiteLLM()
    assert litellm.served() == ()
    for name in ("gpt-4o", "gemini-pro"):
        proxy.llm_model_list = [{"model_name": name, "litellm_params": {"model": f"openai/{name}"}}]
        assert [model.name for model in litellm.served()] == [name]


@pytest.mark.usefixtures("proxy")
def test_litellm_registers_no_hooks_of_its_own() -> None:
    hooks = sys.modules["litellm.proxy.hooks"].PROXY_HOOKS
    upstream.LiteLLM()
    assert hooks == {}, "in the very mapping that LiteLLM reads"


@pytest.mark.usefixtures("proxy")
def test_the_first_call_waits_for_no_import(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "_WAITED_FOR_AT_THE_FIRST_CALL", (ABSENT,))
    with pytest.raises(ModuleNotFoundError, match="absent_package"):
        upstream.LiteLLM()
    assert asked.names == ["absent_package"], "it is looked for before anybody calls"


@pytest.mark.usefixtures("proxy")
def test_litellm_declares_only_the_routes_that_are_passed_on() -> None:
    router, declared = sys.modules["fastapi.routing"].APIRouter, list[str]()

    def add(router: object, path: str, *, methods: list[str]) -> None:
        declared.extend(f"{method} {path}" for method in methods)

    router.add_api_route = add
    with upstream._without_routes():
        for path in ("/v1/chat/completions", "/key/generate", "/v1/messages", "/openai/deployments/{model}"):
            router.add_api_route(router, path, methods=["POST"])
    assert declared == ["POST /v1/chat/completions", "POST /v1/messages"]
    assert router.add_api_route is add, "afterwards it declares any"
