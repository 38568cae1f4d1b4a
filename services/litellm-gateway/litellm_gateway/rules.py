"""What the parameters of a request may hold. A request is checked whole before anything is sent or spent.

LiteLLM lets a body choose keys, addresses, fallbacks and mocked answers, and passes a client's mistake from one paid
provider to the next. So each kind of request lists its parameters, each with its rule; anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from litellm_gateway.errors import RequestError, invalid
from litellm_gateway.models import Model
from litellm_gateway.schemas import is_schema

LEAST_THINKING: Final = 1024
"""Tokens; Anthropic takes no smaller budget of thinking."""

MOST_MESSAGES: Final = 10_000
"""Of one conversation."""

IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
DOCUMENTS: Final = frozenset({"application/pdf"})
"""Types of what a request may bring along; each has a bound of tokens (`budget.estimate`)."""

_LONGEST_TEXT: Final = 4096
_MOST_TOOLS: Final = 128
_MOST_STOPS: Final = 16
_HOTTEST: Final = {"anthropic": 1}
"""By provider, where it is less than OpenAI's 2."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]++={0,2}")
_ID: Final = re.compile(r"[\w-]{1,128}")
_FUNCTION_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class Rule:
    """`test` tells whether a value will do; `wanted` completes "it has to be …"."""

    test: Callable[[Any], bool]
    wanted: str


Rules = Mapping[str, Rule]


def check(request: Mapping[str, Any], rules: Rules, needs: Mapping[str, str]) -> None:
    """Raise a 400 for the first parameter at fault; null stands for one that is left out.

    `needs` maps a parameter to another that has to come with it.
    """
    unknown = sorted(set(request) - set(rules))
    if unknown:
        name = unknown[0][:64]
        raise invalid("unknown_parameter", f"The parameter '{name}' is not accepted here.", name)
    for name, value in request.items():
        if value is not None and not rules[name].test(value):
            raise invalid("invalid_value", f"'{name}' has to be {rules[name].wanted}.", name)
    for name, other in needs.items():
        if request.get(name) is not None and not request.get(other):
            raise invalid("invalid_value", f"'{name}' is allowed together with '{other}' only.", name)


def messages(value: object) -> list[Any]:
    """The messages of a conversation. Raises a 400 where it is no list of them, or holds none or too many."""
    if not isinstance(value, list) or not 0 < len(value) <= MOST_MESSAGES:
        text = f"'messages' has to be a list of up to {MOST_MESSAGES} messages, and one at least."
        raise invalid("invalid_type", text, "messages")
    return value


def resolve_model(request: dict[str, Any], models: Mapping[str, Model]) -> Model:
    """Put the model that is meant in the place of the name it is asked by. `models` maps those names to models.

    Returns it. Raises a 400 where no model is named, a 404 for a name that is not among them. LiteLLM knows names for
    models too, but takes no fallback for them.
    """
    model = request.get("model")
    if not isinstance(model, str):
        raise invalid("missing_required_parameter", "'model' has to name a model.", "model")
    if model not in models:
        message = "The model does not exist, or this key may not use it. GET /v1/models lists those it may."
        raise RequestError(404, "model_not_found", message, param="model")
    request["model"] = models[model].name
    return models[model]


def check_temperature(request: Mapping[str, Any], provider: str) -> None:
    """Raise a 400 where the provider would, and another one be paid for the answer."""
    most = _HOTTEST.get(provider)
    if most is not None and (request.get("temperature") or 0) > most:
        raise invalid(
            "invalid_value", f"'temperature' has to be a number from 0 to {most} for this model.", "temperature"
        )


def check_thinking(request: Mapping[str, Any], max_tokens: int) -> None:
    """Raise a 400 where the budget of thinking does not fit into the answer's bound."""
    budget = (request.get("thinking") or {}).get("budget_tokens")
    if budget is not None and not LEAST_THINKING <= budget < max_tokens:
        text = f"'thinking.budget_tokens' has to be from {LEAST_THINKING} to below the answer's bound of {max_tokens}."
        raise invalid("invalid_value", text, "thinking")


def cap_tokens(request: dict[str, Any], limit: int, *names: str) -> int:
    """Lower what is asked for to `limit` (tokens) and return the larger bound; the first name gets it where none is.

    Without a bound LiteLLM asks for the most that the model can give.
    """
    given = [name for name in names if request.get(name) is not None] or [names[0]]
    bounds = {name: min(request.get(name) or limit, limit) for name in given}
    request.update(bounds)
    return max(bounds.values())


def number(low: float, high: float) -> Rule:
    """A number, not a truth value, within the bounds."""
    return Rule(
        lambda value: type(value) in {int, float} and low <= value <= high, f"a number from {low:g} to {high:g}"
    )


def whole(low: int, high: int) -> Rule:
    """A whole number within the bounds."""
    return Rule(lambda value: type(value) is int and low <= value <= high, f"a whole number from {low} to {high}")


def one_of(*words: str) -> Rule:
    """One of some words."""
    return Rule(lambda value: isinstance(value, str) and value in words, f"one of {', '.join(words)}")


def texts(*, most: int) -> Rule:
    """A text, or a list of texts, none of them empty."""
    return Rule(
        lambda value: is_text(value) or is_list(value, is_text, most), f"a text or a list of up to {most} texts"
    )


def objects(test: Callable[[Any], bool], wanted: str) -> Rule:
    """A list of things of one form, as many as providers take tools."""
    return Rule(lambda value: is_list(value, test, _MOST_TOOLS), f"a list of up to {_MOST_TOOLS} {wanted}")


def is_text(value: object) -> bool:
    """Whether it is a text that says something."""
    return isinstance(value, str) and value != ""


def is_cacheable(value: Mapping[str, Any]) -> bool:
    """Whether a message, a part of one or a tool is marked for the provider's cache in the way Anthropic has it."""
    mark = value.get("cache_control")
    if not isinstance(mark, dict):
        return mark is None
    return mark.get("type") == "ephemeral" and mark.get("ttl") in (None, "5m", "1h")


def is_base64(value: object) -> bool:
    """Whether it is the text of some bytes."""
    return isinstance(value, str) and _BASE64.fullmatch(value) is not None


def is_address(value: object) -> bool:
    """Whether it is an address in the web; what asks for no certificate may be a machine beside this one."""
    return isinstance(value, str) and value.startswith("https://")


def is_id(value: object) -> bool:
    """Whether it is the name of something that a provider keeps, and no address."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def has_only(value: object, *names: str) -> TypeGuard[dict[str, Any]]:
    """Whether it is an object without other fields: some of LiteLLM's own say what an address holds."""
    return isinstance(value, dict) and value.keys() <= set(names)


def is_list(value: object, test: Callable[[Any], bool], most: int) -> bool:
    """Whether it is a list that is not empty, not too long, and all of whose items pass."""
    return isinstance(value, list) and 0 < len(value) <= most and all(test(item) for item in value)


def is_function(value: object, schema: str = "parameters") -> bool:
    """Whether it describes a function that a model may call, its parameters as a JSON schema under `schema`."""
    return (
        isinstance(value, dict)
        and isinstance(name := value.get("name"), str)
        and _FUNCTION_NAME.fullmatch(name) is not None
        and isinstance(value.get("description"), str | None)
        and (value.get(schema) is None or is_schema(value[schema], root=True))
    )


def _is_thinking(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    kind, budget = value.get("type"), value.get("budget_tokens")
    return type(budget) is int if kind == "enabled" else kind in ("disabled", "adaptive") and budget is None


ANY: Final = Rule(lambda _: True, "")
"""Checked elsewhere."""

FLAG: Final = Rule(lambda value: isinstance(value, bool), "true or false")
LABEL: Final = Rule(lambda value: isinstance(value, str) and len(value) <= _LONGEST_TEXT, "a short text")
TOKENS: Final = Rule(lambda value: type(value) is int and value > 0, "a positive whole number")
STOP: Final = texts(most=_MOST_STOPS)
THINKING: Final = Rule(_is_thinking, "an object of type enabled with budget_tokens, adaptive, or disabled")
