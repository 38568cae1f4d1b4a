"""litellm-config.yaml as a typed value. Every problem in it is found before LiteLLM is imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from litellm_gateway.budget import money
from litellm_gateway.errors import StartError
from litellm_gateway.models import OWNERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

SECTIONS: Final = {
    "gateway": {
        *("daily_budget_usd", "provider_budgets_usd"),
        *("max_answer_tokens", "max_body_bytes", "max_concurrent_requests", "cors_origins", "aliases"),
    },
    "router_settings": {"num_retries", "disable_cooldowns", "fallbacks"},
    "litellm_settings": {"drop_params", "user_url_validation", "request_timeout"},
    "general_settings": {"master_key", "trusted_proxy_ranges"},
}
"""Keys by section. LiteLLM ignores a misspelt key without a word, so what is not listed in these three is refused."""

MODEL: Final = {"model_name", "litellm_params", "model_info"}
PARAMETERS: Final = {"model", "api_key", "api_base", "timeout", "stream_timeout"}


@dataclass(frozen=True)
class Limits:
    """Bounds of one request, its body in bytes, its answer in tokens; and how many may run at the same time."""

    body_bytes: int
    answer_tokens: int
    requests: int


@dataclass(frozen=True)
class Configuration:
    """`upstreams` maps a model's name to its LiteLLM id, `fallbacks` to the names tried after it.

    `daily_budget` is in US dollars, `provider_budgets` too, by owner (`anthropic`, `openai`, `google`).
    `cors_origins` are the origins of pages that may call from a browser. `aliases` maps other names to models.
    """

    upstreams: Mapping[str, str]
    fallbacks: Mapping[str, tuple[str, ...]]
    daily_budget: Decimal
    provider_budgets: Mapping[str, Decimal]
    limits: Limits
    cors_origins: tuple[str, ...]
    aliases: Mapping[str, str]


def read(path: Path) -> Configuration:
    """Read and check the file. Raises `StartError` with all problems found."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        summary = " ".join(str(error).split())
        raise StartError([f"{path} cannot be read as YAML: {summary}"]) from None
    problems = _problems(document)
    if problems:
        raise StartError([f"{path.name}: {problem}" for problem in problems])
    own = document["gateway"]
    return Configuration(
        upstreams=dict(_models(document)),
        fallbacks={name: tuple(targets) for name, targets in _fallbacks(document)},
        daily_budget=Decimal(str(own["daily_budget_usd"])),
        provider_budgets={name: Decimal(str(usd)) for name, usd in (own.get("provider_budgets_usd") or {}).items()},
        limits=Limits(own["max_body_bytes"], own["max_answer_tokens"], own["max_concurrent_requests"]),
        cors_origins=tuple(own.get("cors_origins") or ()),
        aliases=dict(own.get("aliases") or {}),
    )


def _problems(document: object) -> list[str]:
    if not isinstance(document, dict):
        return ["it has to be a mapping"]
    try:
        return [
            *_key_problems(document),
            *_gateway_problems(document["gateway"]),
            *_model_problems(document),
            *_fallback_problems(document),
            *_alias_problems(document),
        ]
    except (KeyError, TypeError, AttributeError, ValueError):
        return [f"it has to hold model_list, {', '.join(SECTIONS)} in the form of the file this project ships"]


def _models(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and LiteLLM id of each declared model."""
    return [(entry["model_name"], entry["litellm_params"]["model"]) for entry in document["model_list"]]


def _fallbacks(document: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Each model that has fallbacks, and their names."""
    return [pair for entry in document["router_settings"]["fallbacks"] for pair in entry.items()]


def _key_problems(document: Mapping[str, Any]) -> list[str]:
    entries = document["model_list"]
    parts = [
        ("the file", {*SECTIONS, "model_list"}, document),
        *((name, keys, document[name]) for name, keys in SECTIONS.items()),
        *(("model_list", MODEL, entry) for entry in entries),
        *(("litellm_params", PARAMETERS, entry["litellm_params"]) for entry in entries),
    ]
    return [f"{where} has an unknown key '{key}'" for where, known, found in parts for key in found if key not in known]


def _gateway_problems(section: Mapping[str, Any]) -> list[str]:
    bounds = ("max_answer_tokens", "max_body_bytes", "max_concurrent_requests")
    wrong = [key for key in bounds if type(section.get(key)) is not int or section[key] < 1]
    providers = section.get("provider_budgets_usd") or {}
    foreign = [name for name in providers if name not in OWNERS.values()]
    origins = [origin for origin in section.get("cors_origins") or () if not _ORIGIN.fullmatch(origin)]
    amounts = {"daily_budget_usd": section.get("daily_budget_usd")}
    amounts |= {f"provider_budgets_usd.{name}": amount for name, amount in providers.items()}
    return [
        *(f"gateway.{key} has to be a positive whole number" for key in wrong),
        *(f"gateway.provider_budgets_usd names '{name}', not one of {', '.join(OWNERS.values())}" for name in foreign),
        *(f"gateway.cors_origins names '{origin}'; {_ORIGINS}" for origin in origins),
        *(
            f"gateway.{name} has to be {money.AMOUNT}"
            for name, amount in amounts.items()
            if not money.is_amount(amount)
        ),
    ]


_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_ORIGINS: Final = "an origin is scheme, host and port, in lower case, such as https://app.example.org"


def _model_problems(document: Mapping[str, Any]) -> list[str]:
    models = _models(document)
    names = [name for name, _ in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    foreign = [name for name, upstream in models if upstream.partition("/")[0] not in OWNERS]
    return [
        *(f"the model '{name}' is declared twice" for name in twice),
        *(f"litellm_params.model of '{name}' has to start with one of {', '.join(OWNERS)} and /" for name in foreign),
        *(["model_list is empty"] if not models else []),
    ]


def _fallback_problems(document: Mapping[str, Any]) -> list[str]:
    declared = {name for name, _ in _models(document)}
    named = [(name, [name, *targets]) for name, targets in _fallbacks(document)]
    return [
        f"the fallbacks of '{name}' name '{missing}', which model_list does not declare"
        for name, used in named
        for missing in used
        if missing not in declared
    ]


def _alias_problems(document: Mapping[str, Any]) -> list[str]:
    declared = {name for name, _ in _models(document)}
    aliases = (document["gateway"].get("aliases") or {}).items()
    return [
        *(
            f"gateway.aliases has '{name}', which is a model or no text"
            for name, _ in aliases
            if not _is_new(name, declared)
        ),
        *(
            f"the alias '{name}' names '{model}', which model_list does not declare"
            for name, model in aliases
            if model not in declared
        ),
    ]


def _is_new(name: object, declared: Collection[str]) -> bool:
    return isinstance(name, str) and name != "" and name not in declared
