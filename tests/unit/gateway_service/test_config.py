"""The shipped configuration, and what is wrong with others."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from litellm_gateway import config
from litellm_gateway.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def document(service: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((service / "litellm-config.yaml").read_text())
    return document


def test_the_shipped_configuration(service: Path) -> None:
    read = config.read(service / "litellm-config.yaml")
    assert read.upstreams == {
        "claude-sonnet": "anthropic/claude-sonnet-4-6",
        "gpt-4o": "openai/gpt-4o",
        "gemini-pro": "gemini/gemini-2.5-pro",
        "gemini-flash": "gemini/gemini-2.5-flash",
        "fallback-probe": "openai/gpt-4o",
    }
    assert read.fallbacks == {"claude-sonnet": ("gpt-4o", "gemini-pro"), "fallback-probe": ("gemini-flash",)}
    assert read.daily_budget == Decimal("10.00")
    assert read.limits == config.Limits(body_bytes=4 * 1024 * 1024, answer_tokens=8192, requests=128)
    assert read.cors_origins == ()
    upstreams = {name: upstream.partition("/")[2] for name, upstream in read.upstreams.items()}
    assert {upstreams[model] for model in read.aliases.values()} == set(read.aliases), "an alias is a provider's own id"


def test_the_shipped_configuration_bounds_every_wait(document: dict[str, Any]) -> None:
    for entry in document["model_list"]:
        assert 0 < entry["litellm_params"]["stream_timeout"] <= entry["litellm_params"]["timeout"] <= 60
    assert document["router_settings"]["num_retries"] == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda d: d.clear(), "it has to hold model_list, gateway, router_settings"),
        (lambda d: d.update(model_list="x"), "it has to hold model_list"),
        (lambda d: d.update(gateway=[]), "it has to hold model_list"),
        (lambda d: d.update(router_settings={"fallbacks": {"a": ["b"]}}), "it has to hold model_list"),
        (lambda d: d.update(general_settings=None), "it has to hold model_list"),
        (lambda d: d.update(cache=True), "the file has an unknown key 'cache'"),
        (lambda d: d["router_settings"].update(num_retires=1), "router_settings has an unknown key 'num_retires'"),
        (lambda d: d["model_list"][0].update(model="x"), "model_list has an unknown key 'model'"),
        (
            lambda d: d["model_list"][0]["litellm_params"].update(tiemout=1),
            "litellm_params has an unknown key 'tiemout'",
        ),
        (lambda d: d.update(model_list=[]), "model_list is empty"),
        (lambda d: d["model_list"].append(d["model_list"][0]), "the model 'claude-sonnet' is declared twice"),
        (lambda d: d["model_list"][1]["litellm_params"].update(model="gpt-4o"), "litellm_params.model of 'gpt-4o'"),
        (lambda d: d["gateway"].update(daily_budget_usd=-1), "gateway.daily_budget_usd has to be an amount above 0"),
        (lambda d: d["gateway"].update(daily_budget_usd="ten"), "gateway.daily_budget_usd has to be"),
        (lambda d: d["gateway"].update(daily_budget_usd="NaN"), "gateway.daily_budget_usd has to be"),
        (lambda d: d["gateway"].update(daily_budget_usd="Infinity"), "gateway.daily_budget_usd has to be"),
        (
            lambda d: d["gateway"].update(provider_budgets_usd={"gemini": "5.00"}),
            "gateway.provider_budgets_usd names 'gemini', not one of anthropic, openai, google",
        ),
        (
            lambda d: d["gateway"].update(provider_budgets_usd={"google": 0}),
            "gateway.provider_budgets_usd.google has to be an amount above 0",
        ),
        (lambda d: d["gateway"].pop("max_body_bytes"), "gateway.max_body_bytes has to be a positive whole number"),
        (lambda d: d["gateway"].update(max_concurrent_requests=0), "gateway.max_concurrent_requests has to be"),
        (lambda d: d["gateway"].update(cors_origins=["*"]), "gateway.cors_origins names '*'; an origin is scheme"),
        (lambda d: d["gateway"].update(cors_origins=["https://a.example/"]), "cors_origins names 'https://a.example/'"),
        (lambda d: d["gateway"].update(cors_origins=[5]), "it has to hold model_list"),
        (
            lambda d: d["gateway"].update(aliases={"gpt-4o": "gemini-pro"}),
            "gateway.aliases has 'gpt-4o', which is a model",
        ),
        (lambda d: d["gateway"].update(aliases={5: "gpt-4o"}), "gateway.aliases has '5', which is a model or no text"),
        (
            lambda d: d["gateway"].update(aliases={"gpt": "gpt-5"}),
            "the alias 'gpt' names 'gpt-5', which model_list does",
        ),
        (lambda d: d["gateway"].update(aliases=["gpt"]), "it has to hold model_list"),
        (lambda d: d["gateway"].update(aliases={"gpt": ["gpt-4o"]}), "it has to hold model_list"),
        (lambda d: d["gateway"].update(max_answer_tokens=True), "gateway.max_answer_tokens has to be"),
        (
            lambda d: d["router_settings"]["fallbacks"].append({"gpt-4o": ["gpt-5"]}),
            "the fallbacks of 'gpt-4o' name 'gpt-5', which model_list does not declare",
        ),
        (
            lambda d: d["router_settings"]["fallbacks"].append({"gpt-3": ["gpt-4o"]}),
            "the fallbacks of 'gpt-3' name 'gpt-3', which model_list does not declare",
        ),
    ],
)
def test_a_problem_is_named(document: dict[str, Any], tmp_path: Path, change: Change, problem: str) -> None:
    change(document)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(StartError, match=r"^config\.yaml: ") as caught:
        config.read(path)
    assert problem in str(caught.value)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\xff", b"!!python/object:os.system {}"])
def test_what_is_no_yaml_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(StartError) as caught:
        config.read(path)
    assert "cannot be read as YAML" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere\.yaml"):
        config.read(tmp_path / "nowhere.yaml")


def test_all_problems_come_together(document: dict[str, Any], tmp_path: Path) -> None:
    document["gateway"] = {}
    document["router_settings"]["fallbacks"].append({"gpt-4o": ["gpt-5"]})
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(StartError) as caught:
        config.read(path)
    for part in ("max_answer_tokens", "max_body_bytes", "daily_budget_usd", "gpt-5"):
        assert part in str(caught.value)
