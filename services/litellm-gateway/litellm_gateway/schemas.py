"""The form of a JSON schema, as far as LiteLLM and the providers walk through it to translate it.

Source: https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")


def is_schema(value: object, *, root: bool = False) -> bool:
    """Whether a value can be a JSON schema; the `root` of a function's parameters can be an object only.

    Keywords that are not known here may hold anything. True and false stand for a schema in `additionalProperties`
    alone, since not all providers take them elsewhere.
    """
    if not isinstance(value, dict) or (root and value.get("type") not in (None, "object")):
        return False
    return all(_FORMS[word](value[word]) for word in _FORMS.keys() & value.keys())


def _are_named(value: object) -> bool:
    return isinstance(value, dict) and all(is_schema(part) for part in value.values())


def _are_choices(value: object) -> bool:
    """Schemas, of which one at least allows more than null."""
    return isinstance(value, list) and all(is_schema(part) for part in value) and any(_says(part) for part in value)


def _says(schema: dict[str, Any]) -> bool:
    return schema.get("type") != "null"


def _is_type(value: object) -> bool:
    return value in _TYPES or (isinstance(value, list) and value != [] and all(one in _TYPES for one in value))


def _is_text(value: object) -> bool:
    return isinstance(value, str | None)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_FORMS: Final[dict[str, Callable[[Any], bool]]] = {
    "type": _is_type,
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions"), _are_named),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), _are_choices),
    **dict.fromkeys(("items", "not", "if", "then", "else", "contains"), is_schema),
    "additionalProperties": lambda value: isinstance(value, bool) or is_schema(value),
    "required": _are_texts,
    "enum": lambda value: isinstance(value, list),
    **dict.fromkeys(("title", "description", "format", "pattern", "$ref"), _is_text),
}
