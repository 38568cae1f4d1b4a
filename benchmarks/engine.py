"""How long the embedded engine takes where nothing is to be waited for."""

from __future__ import annotations

from typing import Final

from benchmarks.figures import Figure
from benchmarks.local_cloud import LocalCloud

PREVIEW_SECONDS: Final = 1.5
UP_SECONDS: Final = 2.0


def first_preview(cloud: LocalCloud, rounds: int) -> Figure:
    """A preview while nothing is deployed, `rounds` times; one more before them only warms the caches."""
    seconds = [cloud.engine("preview") for _ in range(1 + rounds)]
    return Figure("engine", "preview of an empty stack", "s", seconds[1:], PREVIEW_SECONDS)


def measure(cloud: LocalCloud, rounds: int) -> list[Figure]:
    """Each command `rounds` times, in turn, once the gateway is deployed; the first round only warms the caches."""
    preview, up = [], []
    for _ in range(1 + rounds):
        preview.append(cloud.engine("preview", "--expect-no-changes"))
        up.append(cloud.engine("up", "--skip-preview", "--expect-no-changes"))
    return [
        Figure("engine", "preview without a change", "s", preview[1:], PREVIEW_SECONDS),
        Figure("engine", "up without a change", "s", up[1:], UP_SECONDS),
    ]
