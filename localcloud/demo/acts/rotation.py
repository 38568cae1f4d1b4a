"""Changes that come from outside: a rotated secret, a variable edited by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.demo.commands import Result
from localcloud.demo.engines import steps
from localcloud.demo.stage import Stage

VARIABLES = "railway:index:Variables"


def rotate(stage: Stage) -> None:
    """A new version of the OpenAI key: shown as one version, deployed once, and the old value is used no more."""
    old = stage.secret_values()["OPENAI-API"]
    stage.cloud.secret_manager.add_version("OPENAI-API")
    changed = _changed_variables(stage.engine.preview(stage.environment()))
    versions = [str(value).rsplit("/", 1)[-1] for value in changed.get("secrets.OPENAI_API_KEY", ())]
    claim = stage.claims.claim
    shown = list(changed) == ["secrets.OPENAI_API_KEY"] and versions == ["1", "2"]
    claim("preview shows one version", shown=shown, seen=", ".join(changed) + ": " + " => ".join(versions))
    before = len(stage.deployments())
    result = stage.engine.up(stage.environment())
    started = len(stage.deployments()) - before
    claim("up deploys once", shown=result.status == 0 and started == 1, seen=f"{started} deployment(s)")
    with stage.client() as client:
        stage.chat(client, "gpt-4o")
    new = stage.secret_values()["OPENAI-API"]
    shown = new != old and stage.key_used("openai", new) and not stage.key_used("openai", old)
    claim("the gateway uses the new value, the old one is gone", shown=shown)


def drift(stage: Stage) -> None:
    """A variable edited in the dashboard is seen by refresh, shown under its name, and put back."""
    stage.edit_variable("GEMINI_API_KEY", "edited-by-hand")
    refreshed = stage.engine.refresh(stage.environment())
    changed = _changed_variables(stage.engine.preview(stage.environment()))
    seen = refreshed.status == 0 and list(changed) == ["secrets.GEMINI_API_KEY"]
    stage.claims.claim("refresh sees exactly the edited variable", shown=seen, seen=", ".join(changed))
    result = stage.engine.up(stage.environment())
    restored = stage.live_variable("GEMINI_API_KEY") == stage.secret_values()["GEMINI-API"]
    stage.claims.claim("up puts it back", shown=result.status == 0 and restored, seen=f"exit {result.status}")


def _changed_variables(preview: Result) -> Mapping[str, tuple[Any, Any]]:
    """What a preview changes of the variables: path -> old and new value."""
    return {path: values for step in steps(preview) if step.type == VARIABLES for path, values in step.changes.items()}
