"""The reduced schema says nothing that Railway's own does not say."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from localcloud.core.faults import Action
from localcloud.railway import coverage, drift, schema, schema_changes
from localcloud.railway.behaviour import Behaviour
from localcloud.railway.resolvers import MUTATIONS, QUERIES, TYPES

pytestmark = pytest.mark.unit

REDUCED = build_schema(schema_changes.SDL.read_text())
OWN = {name: kind for name, kind in REDUCED.type_map.items() if not name.startswith("__")}
WITH_FIELDS = drift.WITH_FIELDS


@pytest.fixture(scope="module")
def original(root: Path) -> GraphQLSchema:
    file = root.parent / "shared" / "railway" / "schema.graphql"
    if not file.exists():
        pytest.skip("Railway's own schema is not at hand: it is no part of this project")
    return build_schema(file.read_text(), assume_valid=True)


def defaults(kind: Any) -> dict[str, object]:
    """What else a client can rely on: defaults, and what is deprecated, by path."""
    found: dict[str, object] = {}
    for name, field in kind.fields.items() if isinstance(kind, WITH_FIELDS) else ():
        found[f"{name} is deprecated because"] = field.deprecation_reason
        if isinstance(kind, GraphQLInputObjectType):
            found[f"{name} defaults to"] = field.default_value
        for argument, definition in getattr(field, "args", {}).items():
            found[f"{name}({argument}) defaults to"] = definition.default_value
    return found


def test_every_type_field_and_argument_is_railway_s_and_nothing_it_demands_is_left_out(original: GraphQLSchema) -> None:
    assert list(map(str, drift.differences(REDUCED, original))) == []


@pytest.mark.parametrize("name", OWN)
def test_every_default_is_railway_s(original: GraphQLSchema, name: str) -> None:
    theirs = defaults(original.type_map[name])
    assert {path: fact for path, fact in defaults(OWN[name]).items() if theirs.get(path) != fact} == {}


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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Project.colour": "removed"}, r"no field 'Project\.colour'"),
        ({"Colour.red": "removed"}, r"no field 'Colour\.red'"),
        ({"Project": "removed"}, "no field 'Project'"),
        ({"Project.name": "renamed"}, "removed or retyped, not 'renamed'"),
        ({"ServiceCreateInput.name": "retyped"}, r"ServiceCreateInput\.name is an input"),
    ],
)
def test_a_change_of_the_schema_that_cannot_be_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        schema_changes.require(changes.items())


def test_the_page_of_what_is_emulated_is_up_to_date() -> None:
    assert coverage.FILE.read_text() == coverage.document(), "run python -m localcloud.railway.coverage"


def test_the_page_lists_every_switch_and_fault() -> None:
    page = coverage.document()
    for name in [*(each.name for each in fields(Behaviour)), *get_args(Action)]:
        assert re.search(rf"^\| `{name}` \|(?: `.*` \|)? [a-zA-Z\d].+ \|$", page, re.MULTILINE), name


@pytest.mark.parametrize(
    ("name", "expected"),
    [("projectId", "project_id"), ("has2FA", "has2_fa"), ("gitHubRepo", "git_hub_repo"), ("id", "id")],
)
def test_names_inside_are_in_snake_case(name: str, expected: str) -> None:
    assert schema.snake_case(name) == expected
