"""GraphQL documents as values: what is sent, and whether it may be sent twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Document:
    """A GraphQL operation. `operation` is its name and that of its one root field.

    `idempotent` says that sending it twice leaves Railway as sending it once does, `one_at_a_time` that Railway allows
    one in about 30 s and counts those it refuses.
    """

    operation: str
    kind: Literal["query", "mutation"]
    text: str
    idempotent: bool
    one_at_a_time: bool = False


def query(operation: str, text: str) -> Document:
    """A read; `text` is the document."""
    return Document(operation, "query", text, idempotent=True)


def mutation(operation: str, text: str, *, idempotent: bool, one_at_a_time: bool = False) -> Document:
    """A write; `text` is the document."""
    return Document(operation, "mutation", text, idempotent, one_at_a_time)
