"""What the script needs to know of a resource; one class for each is in `subjects`."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from tests.engine.life.place import Place

Kind = Literal["updates", "replaces", "silent", "unknown"]
ABSENT: Any = None
"""In inputs: the field is not given."""

ANOTHER: Final = "0b1f2c5e-0000-4000-8000-000000000000"
"""An id of nothing."""


@dataclass(frozen=True)
class Field:
    """One input: a value that must be refused, one to begin with, one to change it to and one set behind our back.

    `updates` in place, `replaces` the resource, is `silent`: it makes no difference to what exists, or `unknown`: the
    preview finds that Railway has no such thing. Without `applied` a change is only previewed, for the local cloud has
    nothing to change it to. A field whose `by_hand` is absent can only be changed by us. `optional` fields are taken
    away too, and Railway then shows `cleared`; what a `kept` one says stays. `along` are inputs that cannot stay as
    they are when this one changes.
    """

    bad: Any
    first: Any = ABSENT
    changed: Any = ABSENT
    by_hand: Any = ABSENT
    kind: Kind = "updates"
    applied: bool = True
    optional: bool = True
    cleared: Any = ABSENT
    kept: bool = False
    along: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Subject(ABC):
    """A resource whose whole life is tried. `place` is what stands around it."""

    place: Place
    fields: dict[str, Field] = field(init=False)
    token: ClassVar[str]
    restores_by_another: ClassVar[tuple[str, ...]] = ()
    """The inputs whose change by hand is put right by another object, as any change of them makes one."""

    def __post_init__(self) -> None:
        self.fields = self.make_fields()

    @property
    def name(self) -> str:
        return self.token.rpartition(":")[2]

    def inputs(self) -> dict[str, Any]:
        """The inputs a life begins with."""
        return {name: each.first for name, each in self.fields.items() if each.first is not ABSENT}

    def import_inputs(self) -> dict[str, Any]:
        """The inputs that an import finds."""
        return self.inputs()

    def begin_with(self, name: str, value: Any) -> None:
        """Give an input another value to begin with."""
        self.fields[name] = dataclasses.replace(self.fields[name], first=value)

    @abstractmethod
    def make_fields(self) -> dict[str, Field]:
        """Prepare what the resource needs, and all its inputs by name."""

    @abstractmethod
    def id(self) -> str:
        """Railway's id of the live object, empty where there is none."""

    def import_ids(self) -> list[str]:
        """What an import takes: the place by its ids, and by its names."""
        return [self.place.ids(), self.place.names()]

    @abstractmethod
    def live(self, name: str) -> Any:
        """What Railway holds for an input."""

    @abstractmethod
    def edit(self, name: str, value: Any) -> None:
        """Change it behind our back."""

    @abstractmethod
    def vanish(self) -> None:
        """Delete the object behind our back, and put back what stands around it."""

    @abstractmethod
    def unmanaged(self) -> Any:
        """What belongs to somebody else, while the object exists and after it was deleted."""

    def be_edited(self) -> Callable[[], Any]:
        """Let somebody else set on the object what the program does not ask for; what to look at it with."""
        return self.unmanaged
