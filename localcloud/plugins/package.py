"""What a stand-in is made of: configuration, functions and resources as plain Python, no protocol."""

from __future__ import annotations

from typing import Any, Protocol

Properties = dict[str, Any]
"""JSON-like values; `UNKNOWN` stands for what a preview cannot know."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the wire format says that a value is not known yet."""


class Resource(Protocol):
    """One type of resource. Methods raise `PluginError`."""

    replacing: frozenset[str]
    """The inputs whose change needs a new resource."""

    def check(self, inputs: Properties) -> Properties:
        """The inputs as they will be used. Raises `InputError`; unknown values pass."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """(id, outputs)."""

    def read(self, id_: str) -> tuple[Properties, Properties] | None:
        """(inputs, outputs), `None` where it is gone."""

    def update(self, id_: str, inputs: Properties) -> Properties:
        """The outputs afterwards."""

    def delete(self, id_: str) -> None:
        """Take it away; one that is gone counts as done."""


class Package(Protocol):
    """A stand-in for one package."""

    name: str
    distribution: str
    """The Python distribution whose version the stand-in reports."""

    def configure(self, variables: Properties) -> None:
        """Take the provider's configuration. Raises `PluginError` for one it must not use."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The result of a function."""

    def resource(self, token: str) -> Resource:
        """The type named by `token`."""
