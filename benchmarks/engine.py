"""How long the embedded engine takes where nothing is to be waited for."""

from __future__ import annotations

from typing import Final

from benchmarks.figures import Figure
from benchmarks.local_cloud import LocalCloud

PREVIEW_SECONDS: Final = 1.5
UP_SECONDS: Final = 2.0


def measure(cloud: LocalCloud, rounds: int) -> list[Figure]:
    """Each command `rounds` times, in turn; the first round only warms the caches."""
    first, again, up = [], [], []
    for _ in range(1 + rounds):
        first.append(cloud.engine("preview", state="empty"))
        again.append(cloud.engine("preview", "--expect-no-changes"))
        up.append(cloud.engine("up", "--skip-preview", "--expect-no-changes"))
    return [
        Figure("engine", "preview of an empty stack", "s", first[1:], PREVIEW_SECONDS),
        Figure("engine", "preview without a change", "s", again[1:], PREVIEW_SECONDS),
        Figure("engine", "up without a change", "s", up[1:], UP_SECONDS),
    ]
