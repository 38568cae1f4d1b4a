"""One module a noun: its queries, its mutations, and the fields of its types that are not plain attributes.

A root resolver gets the `Context` and the arguments, any other one also the object. Names of arguments are in
snake case; `id` is `id_` and `input` is `given`, whose keys stay as Railway spells them. A field that returns a
connection is resolved to the whole list; pages are cut outside.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.railway.resolvers import (
    changes,
    custom_domains,
    deployments,
    domains,
    environments,
    instances,
    projects,
    repositories,
    services,
    tokens,
    triggers,
    variables,
    volumes,
)

_MODULES = (
    changes,
    custom_domains,
    deployments,
    domains,
    environments,
    instances,
    projects,
    repositories,
    services,
    tokens,
    triggers,
    variables,
    volumes,
)

QUERIES: Mapping[str, Callable[..., Any]] = {
    name: resolver for module in _MODULES for name, resolver in module.QUERIES.items()
}
MUTATIONS: Mapping[str, Callable[..., Any]] = {
    name: resolver for module in _MODULES for name, resolver in module.MUTATIONS.items()
}
TYPES: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    name: resolvers for module in _MODULES for name, resolvers in module.TYPES.items()
}
