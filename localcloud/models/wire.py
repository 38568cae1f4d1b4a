"""What the wire formats of all providers have in common."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.requests import Request

Json = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One call: the model asked, whether a stream is wanted, and the JSON body."""

    model: str
    stream: bool
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a model says, and the tokens that are charged for it.

    With `tool` it calls that function, and `text` is the arguments as JSON.
    """

    model: str
    text: str
    prompt_tokens: int
    completion_tokens: int
    tool: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def arguments(self) -> Json:
        """The arguments of the call."""
        given: Json = json.loads(self.text)
        return given

    @property
    def pieces(self) -> list[str]:
        """The text in two pieces or more, as streams deliver it; one where it has a single character."""
        half = (len(self.text) + 1) // 2
        return [piece for piece in (self.text[:half], self.text[half:]) if piece]


class Wire(Protocol):
    """One provider's format.

    `path` is the route of its chat method below the provider's prefix; `key_refused` is the status and the message for
    a key that it has not issued.
    """

    path: str
    key_refused: tuple[int, str]

    def key(self, request: Request) -> str:
        """The key that a call presents, empty where it presents none."""

    def question(self, request: Request, body: Mapping[str, Any]) -> Question:
        """What is asked."""

    def flaw(self, request: Request, body: Mapping[str, Any]) -> str:
        """What is wrong with a request that the provider refuses with 400, empty where nothing is."""

    def answer(self, reply: Reply) -> Json:
        """The body of an answer at once."""

    def events(self, reply: Reply) -> Iterator[bytes]:
        """The events of an answer as a stream."""

    def error(self, status: int, message: str) -> Json:
        """The body of an error."""


def event(data: Json, name: str = "") -> bytes:
    """A server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def missing(body: Mapping[str, Any], *names: str) -> str:
    """The flaw of a body in which one of `names` is absent or empty; empty where all are there."""
    absent = [name for name in names if not body.get(name)]
    return f"{absent[0]}: field required" if absent else ""
