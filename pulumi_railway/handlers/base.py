"""What a resource handler takes and gives: the contract between the plugin adapter and the resources.

Handlers speak plain JSON values (None, bool, int, float, str, list, dict) and the marker `UNKNOWN` for what a preview
cannot know yet. They import no Pulumi; the plugin adapter translates. What they raise for the user is a
`pulumi_railway.errors.UserError` or a `PartialFailure`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from pulumi_railway.api.client import RailwayClient
    from pulumi_railway.secret_manager import SecretManager

Properties = Mapping[str, Any]
Severity = Literal["debug", "info", "warning", "error"]


class _Unknown:
    """The type of `UNKNOWN`; there is one instance."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class CheckFailure:
    """One bad input: its wire name (camelCase) and what is wrong with it and how to mend it."""

    property: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """Validated and normalised inputs, or the failures that stop the run before any call."""

    inputs: Properties
    failures: Sequence[CheckFailure] = ()


@dataclass(frozen=True)
class Diff:
    """`changes` names inputs that need a write; `replaces` those of them Railway cannot change in place."""

    changes: Sequence[str] = ()
    replaces: Sequence[str] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True)
class State:
    """A resource as it stands: its id, its live inputs and all outputs (inputs included)."""

    id: str
    inputs: Properties
    outputs: Properties


class PartialFailure(Exception):  # noqa: N818 - it carries a state, not only an error
    """The object exists but is not as asked: the engine keeps `state` and the next run tries again."""

    def __init__(self, state: State, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.state = state
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Context:
    """What a handler works with. `timeout` is the user's custom timeout in seconds, 0 where none is set.

    `urn` names the resource, `stack` the state it is recorded in; both are the same in each run.
    `gate_environment` is what a gate's process starts from: PATH and what it needs to reach the network.
    """

    api: RailwayClient
    secrets: SecretManager
    log: Callable[[Severity, str], None]
    cancelled: threading.Event
    timeout: float = 0.0
    sleep: Callable[[float], None] | None = field(default=None)
    urn: str = ""
    stack: str = ""
    gate_environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def owner(self) -> str:
        """What an object carries so that it is known again after a run that was cut off.

        A URN alone would do for any state of that stack's name. Empty where the state has no identity yet.
        """
        return f"{self.urn} {self.stack}" if self.urn and self.stack else ""


class Handler(Protocol):
    """The life of one resource type. Every handler has these members, in this order."""

    token: str
    """Pulumi type token, e.g. `railway:index:Service`."""

    def check(self, olds: Properties | None, news: Properties) -> Checked:
        """Validate and normalise; no network. `olds` are the old inputs, None on create."""

    def diff(self, old: State, news: Properties) -> Diff:
        """Compare the old inputs with checked new ones; no network."""

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:
        """Outputs a preview can promise, `UNKNOWN` for the rest; never writes. `old` is None for a create."""

    def create(self, context: Context, inputs: Properties) -> State:
        """Make it. Raises `PartialFailure` once Railway holds an object that is not as asked."""

    def read(self, context: Context, old: State) -> State | None:
        """The live state, for refresh and import (then `old.inputs` is empty); None only when proved to be gone."""

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Change it in place."""

    def delete(self, context: Context, old: State) -> None:
        """Remove it; what is gone already counts as removed."""
