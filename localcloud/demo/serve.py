"""Keep a deployed gateway running, and say how to call it."""

from __future__ import annotations

import threading

from localcloud.demo.stage import MASTER_KEY, Stage


def serve(stage: Stage) -> int:
    """Deploy, print URL, key and curl lines, and wait for Ctrl-C; returns 1 where the deployment fails."""
    result = stage.engine.up(stage.environment())
    if result.status != 0:
        return 1
    url, bundle, key = stage.repository_variable(), stage.cloud.keyring.bundle, stage.secret_values()[MASTER_KEY]
    question = '{"model": "claude-sonnet", "messages": [{"role": "user", "content": "Say hello in one word"}]}'
    lines = (
        "",
        f"URL      {url}",
        f"key      {key}   (made for this run, worth nothing elsewhere)",
        f"control  {stage.cloud.endpoints.control}",
        "",
        f"curl --cacert {bundle} {url}/health",
        f"curl --cacert {bundle} {url}/v1/models",
        f"curl --cacert {bundle} {url}/v1/chat/completions \\",
        f"  -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\",
        f"  -d '{question}'",
        "",
        "Ctrl-C ends it.",
    )
    for line in lines:
        stage.claims.console.print(line, markup=False, soft_wrap=True)
    threading.Event().wait()
    return 0
