"""Leaving: everything is taken back, and no secret stayed anywhere."""

from __future__ import annotations

import json

from localcloud.demo import leaks
from localcloud.demo.stage import Stage


def destroy(stage: Stage) -> None:
    """Destroy, look at every service for what is left, and destroy again."""
    result = stage.engine.destroy(stage.environment())
    claim = stage.claims.claim
    claim("destroy succeeds", shown=result.status == 0, seen=f"exit {result.status}")
    left = stage.leftovers()
    claim("destroy leaves nothing", shown=not left, seen=", ".join(left))
    again = stage.engine.destroy(stage.environment())
    claim("destroy again has nothing to do", shown=again.status == 0, seen=f"exit {again.status}")


def secrets(stage: Stage) -> None:
    """Search state, logs, output and evidence for every value a secret ever had."""
    texts = leaks.read([stage.directory / "state", stage.directory / "logs"])
    texts["the evidence"] = json.dumps(stage.claims.document())
    texts["the state"] = stage.engine.state(stage.environment())
    texts["the gateway's log"] = "\n".join(stage.gateway_log())
    found = leaks.search(texts, stage.every_secret_value())
    seen = "; ".join(found) or f"{len(texts)} texts searched"
    stage.claims.claim("no secret value in state, output, logs or evidence", shown=not found, seen=seen)
