"""The clients' keys, from the one secret that lists them, as JSON or YAML.

Each problem names its entry and never shows a value of it, which can be a key in the wrong place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import yaml

from litellm_gateway.budget import money
from litellm_gateway.clients import MASTER, Client, digest
from litellm_gateway.errors import StartError
from litellm_gateway.settings import CLIENT_KEYS, key_flaw

FIELDS: Final = ("name", "key", "sha256", "daily_budget_usd", "models", "expires")

_NAME: Final = re.compile(r"(?!sk-)[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MOST: Final = 1000


def read(text: str, master_key: str, models: Collection[str]) -> tuple[Client, ...]:
    """The clients that `text` lists, none where it is empty. `models` are the names that the gateway serves.

    Raises `StartError` with all problems.
    """
    entries = _entries(text)
    problems = [
        f"{CLIENT_KEYS}: {_where(number, entry)} {problem}"
        for number, entry in enumerate(entries, start=1)
        for problem in _problems(entry, models)
    ]
    if not problems:
        problems = [f"{CLIENT_KEYS}: {problem}" for problem in _repeated(entries, master_key)]
    if problems:
        raise StartError(problems)
    return tuple(_client(entry) for entry in entries)


def _entries(text: str) -> list[Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise StartError([f"{CLIENT_KEYS} cannot be read as JSON or YAML{where}"]) from None
    except (ValueError, RecursionError):
        raise StartError([f"{CLIENT_KEYS} cannot be read as JSON or YAML"]) from None
    if document is None:
        return []
    if not isinstance(document, list) or len(document) > _MOST:
        example = '[{"name": "team-a", "key": "sk-…", "daily_budget_usd": "2.00"}]'
        raise StartError([f"{CLIENT_KEYS} has to be a list of up to {_MOST} keys, such as {example}"])
    return document


def _where(number: int, entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"entry {number} ('{name}')" if isinstance(name, str) and _NAME.fullmatch(name) else f"entry {number}"


def _problems(entry: object, models: Collection[str]) -> Iterator[str]:
    if not isinstance(entry, dict) or not set(entry) <= set(FIELDS):
        yield f"has to be an object with no other fields than {', '.join(FIELDS)}"
        return
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == MASTER:
        yield f"has no name: up to 64 lower-case letters, digits, '.', '_' and '-', but not '{MASTER}'"
    yield from _key_problems(entry)
    if entry.get("daily_budget_usd") is not None and not money.is_amount(entry["daily_budget_usd"]):
        yield f"has a daily_budget_usd that is not {money.AMOUNT}"
    if entry.get("models") is not None and not _are_some(entry["models"], models):
        yield f"has models that are not a list of some of {', '.join(models)}"
    try:
        _expiry(entry.get("expires"))
    except ValueError:
        yield "has an expires that is neither a day such as 2027-01-31 nor a time with its offset from UTC"


def _are_some(value: object, models: Collection[str]) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(one, str) and one in models for one in value)


def _key_problems(entry: dict[str, Any]) -> Iterator[str]:
    key, hashed = entry.get("key"), entry.get("sha256")
    if (key is None) == (hashed is None):
        yield "has to have either key or sha256, the key's digest as 64 hexadecimal digits"
    elif hashed is not None and not (isinstance(hashed, str) and _DIGEST.fullmatch(hashed)):
        yield "has a sha256 that is not 64 hexadecimal digits in lower case"
    elif key is not None and (flaw := key_flaw(key if isinstance(key, str) else "")):
        yield f"has a key that {flaw}"


def _repeated(entries: Sequence[dict[str, Any]], master_key: str) -> Iterator[str]:
    names: set[str] = set()
    digests = {digest(master_key): MASTER}
    for number, entry in enumerate(entries, start=1):
        where, own = _where(number, entry), _digest(entry)
        if entry["name"] in names:
            yield f"{where} has the name of another entry"
        if own in digests:
            yield f"{where} has the same key as '{digests[own]}'"
        names.add(entry["name"])
        digests[own] = entry["name"]


def _client(entry: dict[str, Any]) -> Client:
    budget, models = entry.get("daily_budget_usd"), entry.get("models")
    return Client(
        name=entry["name"],
        digest=_digest(entry),
        budget=None if budget is None else Decimal(str(budget)),
        models=None if models is None else frozenset(models),
        expires=_expiry(entry.get("expires")),
    )


def _digest(entry: dict[str, Any]) -> bytes:
    return digest(entry["key"]) if entry.get("key") is not None else bytes.fromhex(entry["sha256"])


def _expiry(value: object) -> dt.datetime | None:
    """When a key ends; a day means its beginning in UTC. Raises `ValueError`."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if ":" in value else dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("no offset")
        return value.astimezone(dt.UTC)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), dt.UTC)
    if value is not None:
        raise ValueError("no date")
    return None
