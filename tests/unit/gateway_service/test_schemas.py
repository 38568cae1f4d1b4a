"""The form of a JSON schema."""

from __future__ import annotations

from typing import Any

import pytest
from litellm_gateway.schemas import is_schema

pytestmark = pytest.mark.unit

WRONG: dict[str, list[Any]] = {
    "type": ["text", 5, [], ["string", "x"], {}],
    "properties": [5, [], {"a": 5}, {"a": True}, {"a": {"type": "text"}}],
    "$defs": [[], {"a": None}],
    "items": [5, [], "x", True, [{}]],
    "anyOf": [[], {}, [5], [True], [{"type": "null"}]],
    "additionalProperties": ["no"],
    "required": ["a", [1]],
    "enum": ["a"],
    "description": [5],
    "$ref": [[]],
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": ["string", "null"], "enum": ["a", None], "x-anything": 5, "description": "d", "title": None},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}, "c": {}}, "required": ["a"]},
        {"$defs": {"b": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"not": {}}]}}}},
        {"additionalProperties": False, "anyOf": [{"type": "null"}, {"type": "string"}], "definitions": {}},
    ],
)
def test_schemas(schema: dict[str, Any]) -> None:
    assert is_schema(schema)


@pytest.mark.parametrize(("word", "value"), [(word, value) for word, values in WRONG.items() for value in values])
def test_what_is_no_schema(word: str, value: object) -> None:
    assert not is_schema({word: value})
    assert not is_schema({"properties": {"deep": {"items": {word: value}}}})


@pytest.mark.parametrize("value", [None, 5, "x", [], True])
def test_a_schema_is_an_object(value: object) -> None:
    assert not is_schema(value)


@pytest.mark.parametrize(("kind", "root"), [("array", False), ("object", True), (None, True)])
def test_parameters_are_those_of_an_object(kind: str | None, root: bool) -> None:
    assert is_schema({"type": kind} if kind else {}, root=True) is root
