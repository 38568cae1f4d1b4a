"""The reduced schema says nothing that Railway's own does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from localcloud.railway import coverage, schema
from localcloud.railway.resolvers import MUTATIONS, QUERIES, TYPES

pytestmark = pytest.mark.unit

REDUCED = build_schema(schema.SDL.read_text())
OWN = {name: kind for name, kind in REDUCED.type_map.items() if not name.startswith("__")}
WITH_FIELDS = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


@pytest.fixture(scope="module")
def original(root: Path) -> GraphQLSchema:
    file = root.parent / "shared" / "railway" / "schema.graphql"
    if not file.exists():
        pytest.skip("Railway's own schema is not at hand: it is no part of this project")
    return build_schema(file.read_text(), assume_valid=True)


def facts(kind: Any) -> dict[str, object]:
    """Everything that a client can rely on, by path."""
    found: dict[str, object] = {"": type(kind).__name__}
    if isinstance(kind, GraphQLEnumType):
        found |= dict.fromkeys(kind.values, True)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        found |= {f"implements {each.name}": True for each in kind.interfaces}
    if isinstance(kind, WITH_FIELDS):
        for name, field in kind.fields.items():
            found[name] = str(field.type)
            found[f"{name} is deprecated because"] = field.deprecation_reason
            if isinstance(kind, GraphQLInputObjectType):
                found[f"{name} defaults to"] = field.default_value
            for argument, definition in getattr(field, "args", {}).items():
                found[f"{name}({argument})"] = str(definition.type)
                found[f"{name}({argument}) defaults to"] = definition.default_value
    return found


@pytest.mark.parametrize("name", OWN)
def test_every_type_field_and_argument_is_railway_s(original: GraphQLSchema, name: str) -> None:
    assert name in original.type_map
    theirs = facts(original.type_map[name])
    assert {path: fact for path, fact in facts(OWN[name]).items() if theirs.get(path) != fact} == {}


@pytest.mark.parametrize("name", [name for name, kind in OWN.items() if isinstance(kind, WITH_FIELDS)])
def test_nothing_that_railway_demands_is_left_out(original: GraphQLSchema, name: str) -> None:
    own, theirs = OWN[name], original.type_map[name]
    assert isinstance(own, WITH_FIELDS)
    assert isinstance(theirs, WITH_FIELDS)
    if isinstance(theirs, GraphQLInputObjectType):
        assert {key for key, field in theirs.fields.items() if str(field.type).endswith("!")} <= own.fields.keys()
        return
    for key, field in own.fields.items():
        wanted = {argument for argument, each in theirs.fields[key].args.items() if str(each.type).endswith("!")}
        assert wanted <= field.args.keys(), key


def test_all_values_of_an_enumeration_are_there(original: GraphQLSchema) -> None:
    for name, kind in OWN.items():
        if isinstance(kind, GraphQLEnumType):
            theirs = original.type_map[name]
            assert isinstance(theirs, GraphQLEnumType)
            assert kind.values.keys() == theirs.values.keys(), name


def test_each_resolver_belongs_to_a_field() -> None:
    assert REDUCED.query_type
    assert REDUCED.mutation_type
    assert QUERIES.keys() == REDUCED.query_type.fields.keys()
    assert MUTATIONS.keys() == REDUCED.mutation_type.fields.keys()
    for name, resolvers in TYPES.items():
        kind = OWN[name]
        if isinstance(kind, GraphQLObjectType):
            unread = {"multiRegionConfig"} if name == "ServiceInstance" else set()
            assert resolvers.keys() - kind.fields.keys() == unread, name


def test_the_page_of_what_is_emulated_is_up_to_date() -> None:
    assert coverage.FILE.read_text() == coverage.document(), "run python -m localcloud.railway.coverage"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("projectId", "project_id"), ("has2FA", "has2_fa"), ("gitHubRepo", "git_hub_repo"), ("id", "id")],
)
def test_names_inside_are_in_snake_case(name: str, expected: str) -> None:
    assert schema.snake_case(name) == expected
