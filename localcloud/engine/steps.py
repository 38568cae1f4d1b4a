"""The steps of a run, and who listens to them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, Protocol

from localcloud.engine import urn
from localcloud.engine.state import ResourceState


class Op(enum.StrEnum):
    """What happens to a resource, under the Pulumi CLI's names."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_DISCARD = "discard"
    IMPORT = "import"
    REFRESH = "refresh"


UNCHANGED: Final = frozenset({Op.SAME, Op.READ, Op.READ_DISCARD})
"""Operations that change nothing outside the state."""
PHYSICAL: Final = frozenset({Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED})
"""The two halves of a replacement; counted once, as `replace`."""


@dataclass(frozen=True)
class Step:
    """One operation on one resource. `keys` are the inputs that force a replacement."""

    op: Op
    urn: str
    old: ResourceState | None = None
    new: ResourceState | None = None
    keys: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The type of the resource."""
        return urn.type_of(self.urn)

    @property
    def counted(self) -> bool:
        """Whether the step is shown and counted: halves of replacements and default providers are not."""
        return self.op not in PHYSICAL and not urn.is_default_provider(self.urn)


class Severity(enum.IntEnum):
    """Severity of a message, numbered as in the plugin protocol."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Message:
    """A line for the user; `urn` is empty where it is about the run; an `ephemeral` one is only a status."""

    severity: Severity
    text: str
    urn: str = ""
    ephemeral: bool = False


class Listener(Protocol):
    """Follows a run. Calls come from any thread."""

    def begun(self, step: Step) -> None:
        """A step starts."""

    def ended(self, step: Step, *, failed: bool) -> None:
        """A step is over; `step` now holds the new state."""

    def message(self, message: Message) -> None:
        """The engine, the program or a plugin has something to say."""
