"""The schema with its resolvers: Railway's names outside, Python's names inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from localcloud.railway.paging import page
from localcloud.railway.resolvers import MUTATIONS, QUERIES, TYPES
from localcloud.railway.schema_changes import SDL, apply

if TYPE_CHECKING:
    from graphql import GraphQLField

    from localcloud.railway.context import Context

_PAGING = frozenset({"first", "after", "last", "before"})
_RESERVED = {"id": "id_", "input": "given"}

Resolver = Callable[..., Any]


@lru_cache(maxsize=8)
def load(changes: frozenset[tuple[str, str]] = frozenset()) -> GraphQLSchema:
    """The schema of `schema.graphql`, ready to execute with a `Context` as its context value. All share it.

    `changes` are those of the switch `schema_changes`.
    """
    schema = build_schema(SDL.read_text(encoding="utf-8"))
    dates = schema.type_map["DateTime"]
    assert isinstance(dates, GraphQLScalarType)  # noqa: S101 - so says the file
    dates.coerce_output_value = _date
    dates.coerce_input_value = _moment
    resolvers = {**TYPES, "Query": QUERIES, "Mutation": MUTATIONS}
    for parent in schema.type_map.values():
        if isinstance(parent, GraphQLObjectType) and not parent.name.startswith("__"):
            _bind(parent, resolvers.get(parent.name, {}))
        if isinstance(parent, GraphQLInterfaceType):
            parent.resolve_type = lambda value, *_: type(value).__name__
    apply(schema, changes)
    return schema


def _bind(parent: GraphQLObjectType, resolvers: Mapping[str, Resolver]) -> None:
    root = parent.name in {"Query", "Mutation"}
    for name, field in parent.fields.items():
        for argument, definition in field.args.items():
            definition.out_name = _RESERVED.get(argument, snake_case(argument))
        resolver = resolvers.get(name)
        if root and resolver is None:
            raise LookupError(f"{parent.name}.{name} has no resolver")
        resolve = _root(resolver) if root and resolver else _nested(resolver or _attribute(snake_case(name)))
        field.resolve = _paged(resolve) if _is_connection(field) else resolve


def _root(resolver: Resolver) -> Resolver:
    def resolve(_: object, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        info.context.caller.require_known()
        return resolver(info.context, **arguments)

    return resolve


def _nested(resolver: Resolver) -> Resolver:
    return lambda source, info, **arguments: resolver(info.context, source, **arguments)


def _attribute(name: str) -> Resolver:
    def resolve(_: Context, source: Any) -> Any:
        return source[name] if isinstance(source, dict) else getattr(source, name)

    return resolve


def _paged(resolve: Resolver) -> Resolver:
    def resolve_page(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        paging = {name: arguments.pop(name) for name in _PAGING & arguments.keys()}
        items = resolve(source, info, **arguments)
        return page(items, info.context.world.behaviour.page_size, paging)

    return resolve_page


def _is_connection(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith("Connection")


def _date(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def snake_case(name: str) -> str:
    """`camelCase` as `camel_case`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
