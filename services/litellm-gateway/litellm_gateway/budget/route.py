"""Which models may answer a call, what each costs, and whom it pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litellm_gateway.budget.estimate import Price


@dataclass(frozen=True)
class Route:
    """A model that clients may ask for: its price, whom it pays, and the models that may answer in its place."""

    price: Price
    provider: str
    fallbacks: tuple[str, ...]


def chain(model: str, fallbacks: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The models that may answer in the place of `model`, also those of its fallbacks' own fallbacks."""
    found: list[str] = []
    waiting = list(fallbacks.get(model, ()))
    while waiting:
        name = waiting.pop(0)
        if name != model and name not in found:
            found.append(name)
            waiting.extend(fallbacks.get(name, ()))
    return tuple(found)
