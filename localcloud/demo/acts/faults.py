"""A release that Railway calls healthy and the gate does not."""

from __future__ import annotations

from localcloud.demo.stage import Stage

CONFIG = "services/litellm-gateway/litellm-config.yaml"
PROBE = "    - fallback-probe: [gemini-flash]\n"


def bad_release(stage: Stage) -> None:
    """The fallback of the probe is gone: the gate refuses, the old build is brought back, nothing is published."""
    with stage.client() as client:
        good = client.get("/health").headers.get("x-gateway-commit", "")
    published = stage.repository_variable()
    stage.workspace.change(CONFIG, PROBE, "", "Break the fallback")
    result = stage.engine.up(stage.environment())
    claim = stage.claims.claim
    claim("up fails", shown=result.status != 0, seen=f"exit {result.status}")
    said = "rolled back" in result.output.lower()
    claim("it says that it was rolled back and why", shown=said and "fallback" in result.output)
    with stage.client() as client:
        answers = client.get("/health")
    old = answers.status_code == 200 and answers.headers.get("x-gateway-commit") == good  # noqa: PLR2004 - HTTP
    claim("the old build still answers", shown=old, seen=f"commit {answers.headers.get('x-gateway-commit', '')[:12]}")
    claim("the repository variable is unchanged", shown=stage.repository_variable() == published)
