"""How fast Railway's clock runs here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Speed:
    """Durations of what takes Railway seconds or minutes.

    `step` is how many seconds each status of a deployment, a domain in CREATING, a service already deleted but still
    listed, or a patch in APPLYING lasts. `timeout_scale` multiplies healthcheckTimeout. Builds, starts of processes,
    overlapSeconds and drainingSeconds take the time they take.
    """

    step: float = 0.05
    timeout_scale: float = 1.0
