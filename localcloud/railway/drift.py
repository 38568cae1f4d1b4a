"""`python -m localcloud.railway.drift [--url URL] [--json]`: what Railway's live schema no longer says of what is used.

Introspects the schema at URL, Railway's own by default; that needs no token and writes nothing. One line for each type,
field, argument or value of the local schema that differs there. Exit status: 0 none does, 1 some do, 2 cannot tell.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import httpx
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_introspection_query,
)

from localcloud.railway.schema_changes import SDL

RAILWAY: Final = "https://backboard.railway.com/graphql/v2"
TIMEOUT: Final = 60.0
"""Seconds for the answer, which is some megabytes."""

WITH_FIELDS: Final = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


class CannotTellError(Exception):
    """The live schema cannot be read; the message says why."""


@dataclass(frozen=True)
class Difference:
    """`path` is `Type` or `Type.field` or `Type.field(argument)`; None stands for what is not there."""

    path: str
    here: str | None
    there: str | None

    def __str__(self) -> str:
        if self.there is None:
            return f"{self.path} is gone; it was {self.here}"
        if self.here is None:
            return f"{self.path} is demanded now, {self.there}, and never given"
        return f"{self.path} is {self.there} now; it was {self.here}"


def facts(kind: Any) -> dict[str, str]:
    """Everything of a type that a client can rely on, by path; its own kind under the empty one."""
    found = {"": type(kind).__name__}
    if isinstance(kind, GraphQLEnumType):
        found |= dict.fromkeys(kind.values, "a value")
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        found |= {f"implements {each.name}": "so" for each in kind.interfaces}
    if isinstance(kind, WITH_FIELDS):
        for name, field in kind.fields.items():
            found[name] = str(field.type)
            for argument, definition in getattr(field, "args", {}).items():
                found[f"{name}({argument})"] = str(definition.type)
    return found


def differences(own: GraphQLSchema, live: GraphQLSchema) -> list[Difference]:
    """What the live schema does not say as `own` does, and what it demands that `own` does not know."""
    found: list[Difference] = []
    for name, kind in own.type_map.items():
        if name.startswith("__"):
            continue
        here, there = facts(kind), facts(live.type_map[name]) if name in live.type_map else {}
        found += [
            Difference(_path(name, path), fact, there.get(path))
            for path, fact in here.items()
            if there.get(path) != fact
        ]
        found += [Difference(_path(name, path), None, fact) for path, fact in _demanded(kind, here, there)]
    return found


def read(url: str) -> GraphQLSchema:
    """The schema served at `url`. Raises `CannotTellError`."""
    try:
        answer = httpx.post(url, json={"query": get_introspection_query(descriptions=False)}, timeout=TIMEOUT)
        return build_client_schema(answer.raise_for_status().json()["data"], assume_valid=True)
    except httpx.HTTPError as error:
        raise CannotTellError(f"{url}: {type(error).__name__}: {error}") from error
    except (ValueError, KeyError, TypeError, GraphQLError) as error:
        raise CannotTellError(f"{url} answers with something other than a schema") from error


def main(arguments: Sequence[str]) -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.railway.drift", description=__doc__)
    parser.add_argument("--url", default=RAILWAY, help=f"the endpoint; default {RAILWAY}")
    parser.add_argument("--json", action="store_true", help="print a list of {path, here, there}")
    options = parser.parse_args(arguments)
    try:
        found = differences(build_schema(SDL.read_text(encoding="utf-8")), read(options.url))
    except CannotTellError as error:
        sys.stderr.write(f"cannot tell: {error}\n")
        return 2
    lines = json.dumps([asdict(each) for each in found], indent=2) if options.json else "\n".join(map(str, found))
    sys.stdout.write(f"{lines}\n" if lines else "")
    return 1 if found else 0


def _demanded(kind: Any, here: Mapping[str, str], there: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Inputs that must be given there and are not known here: fields of input objects, arguments of known fields."""
    for path, fact in there.items():
        field, is_argument, _ = path.partition("(")
        known = isinstance(kind, GraphQLInputObjectType) or (is_argument and field in here)
        if known and path not in here and fact.endswith("!"):
            yield path, fact


def _path(name: str, path: str) -> str:
    return f"{name}.{path}" if path else name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
