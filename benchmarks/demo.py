"""How long the demo takes, and each of its acts."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from benchmarks import processes
from benchmarks.figures import Figure

DEMO_SECONDS: Final = 60.0
EVIDENCE: Final = Path("build") / "demo" / "evidence.json"


def measure(root: Path, logs: Path, rounds: int) -> list[Figure]:
    """Run the demo on the embedded engine `rounds` times."""
    whole: list[float] = []
    acts: dict[str, list[float]] = {}
    for _ in range(rounds):
        command = [sys.executable, "-m", "localcloud.demo"]
        environment = processes.inherited() | {"ENGINE": "embedded"}
        whole.append(processes.timed(command, directory=root, environment=environment, log=logs / "demo.txt"))
        claims = json.loads((root / EVIDENCE).read_text(encoding="utf-8"))["claims"]
        for act, seconds in durations(claims).items():
            acts.setdefault(act, []).append(seconds)
    parts = [Figure("demo", act, "s", seconds) for act, seconds in acts.items()]
    return [Figure("demo", "whole", "s", whole, DEMO_SECONDS), *parts]


def durations(claims: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds of each act, from the last claim of the one before to its own last claim."""
    ends = [
        (act, max(claim["seconds"] for claim in group)) for act, group in groupby(claims, lambda claim: claim["act"])
    ]
    starts = [0.0, *(end for _, end in ends)]
    return {act: end - start for (act, end), start in zip(ends, starts, strict=False)}
