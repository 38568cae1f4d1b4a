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


def test_the_list_that_litellm_puts_in_the_place_of_its_first_one_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = SimpleNamespace(llm_model_list=None)
    modules = {
        "litellm": SimpleNamespace(),
        "litellm.proxy": SimpleNamespace(),
        "litellm.proxy.proxy_server": proxy,
        "litellm.proxy.hooks": SimpleNamespace(PROXY_HOOKS={}),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(upstream, "_TRIED_AT_EACH_CALL", ())
    litellm = upstream.LiteLLM()
    assert litellm.served() == ()
    for name in ("gpt-4o", "gemini-pro"):
        proxy.llm_model_list = [{"model_name": name, "litellm_params": {"model": f"openai/{name}"}}]
        assert [model.name for model in litellm.served()] == [name]


def test_litellm_registers_no_hooks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = {"parallel_request_limiter": object}
    modules = {
        "litellm": SimpleNamespace(),
        "litellm.proxy": SimpleNamespace(),
        "litellm.proxy.proxy_server": SimpleNamespace(llm_model_list=None),
        "litellm.proxy.hooks": SimpleNamespace(PROXY_HOOKS=hooks),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(upstream, "_TRIED_AT_EACH_CALL", ())
    upstream.LiteLLM()
    assert hooks == {}, "in the very mapping that LiteLLM reads"
