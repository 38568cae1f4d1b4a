"""What Railway may have changed in its schema since ours was written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from graphql import GraphQLField, GraphQLInputObjectType, GraphQLList, GraphQLObjectType, GraphQLSchema, build_schema

SDL = Path(__file__).with_name("schema.graphql")

Change = Literal["removed", "retyped"]


def require(changes: Iterable[tuple[str, str]]) -> None:
    """Raises ValueError where a change cannot be made, which says why."""
    if changes := list(changes):  # to build the schema takes a quarter of a second
        apply(build_schema(SDL.read_text(encoding="utf-8")), changes)


def apply(schema: GraphQLSchema, changes: Iterable[tuple[str, str]]) -> None:
    """Change each "Type.field": `removed` takes it away, `retyped` answers its value as a list of one.

    A field that got another name is one that was removed to those who ask for the old one. Raises ValueError.
    """
    for path, change in changes:
        parent, _, name = path.partition(".")
        kind = schema.type_map.get(parent)
        if not isinstance(kind, GraphQLObjectType | GraphQLInputObjectType) or name not in kind.fields:
            raise ValueError(f"the schema has no field {path!r} to change")
        if change not in get_args(Change):
            raise ValueError(f"a field is {' or '.join(get_args(Change))}, not {change!r}")
        if change == "removed":
            del kind.fields[name]
        elif isinstance(kind, GraphQLObjectType):
            _retype(kind.fields[name])
        else:
            raise ValueError(f"{path} is an input: it can be removed, not retyped")


def _retype(field: GraphQLField) -> None:
    field.type = GraphQLList(field.type)
    field.resolve = partial(_listed, field.resolve) if field.resolve else None


def _listed(resolve: Callable[..., Any], *source: Any, **arguments: Any) -> list[Any]:
    return [resolve(*source, **arguments)]
