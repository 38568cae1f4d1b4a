"""What the resolver modules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Resolvers = Mapping[str, Callable[..., Any]]
TypeResolvers = Mapping[str, Resolvers]


def always(value: Any) -> Callable[..., Any]:
    """A resolver for a field that never varies here."""
    return lambda *_, **__: value
