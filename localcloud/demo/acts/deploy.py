"""Preview, the first up, and an up that has nothing to do."""

from __future__ import annotations

from localcloud.demo import leaks
from localcloud.demo.engines import steps
from localcloud.demo.stage import Stage

RESOURCES = frozenset(
    {
        "gateway:index:LiteLLMGateway",
        "railway:index:Service",
        "railway:index:Variables",
        "railway:index:ServiceDomain",
        "railway:index:Volume",
        "railway:index:Deployment",
        "github:index/actionsVariable:ActionsVariable",
    }
)
STATUS_POLLS = ("deployment", "deployments", "deploymentEvents")
PAYLOAD = "access"
CALLS_AT_MOST = 14


def preview(stage: Stage) -> None:
    """Preview with an identity that may not read a payload."""
    result = stage.engine.preview(stage.environment(identity="preview"))
    created = {step.type for step in steps(result) if step.op == "create"}
    claim = stage.claims.claim
    claim("preview shows every resource", shown=created >= RESOURCES, seen=f"{len(created & RESOURCES)} to create")
    found = leaks.search({"the preview": result.output}, stage.secret_values())
    claim("preview shows no secret", shown=not found and bool(result.output), seen="; ".join(found))
    payloads = [call for call in stage.calls("secret_manager") if PAYLOAD in call.operation.lower()]
    passed = result.status == 0 and bool(stage.calls("secret_manager")) and not payloads
    claim("preview needs no permission to read a payload", shown=passed, seen=f"exit {result.status}")
    written = [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"]
    claim("preview writes nothing", shown=not written, seen=", ".join(written))


def up(stage: Stage) -> None:
    """The first up: everything is created, one deployment is started and proved."""
    stage.cloud.calls.clear()
    result = stage.engine.up(stage.environment())
    claim = stage.claims.claim
    claim("up succeeds", shown=result.status == 0, seen=f"exit {result.status}")
    deployments = stage.deployments()
    claim("up makes exactly one deployment", shown=len(deployments) == 1, seen=f"{len(deployments)} deployment(s)")
    calls = stage.calls("railway")
    polls = [call for call in calls if call.operation in STATUS_POLLS]
    others = len(calls) - len(polls)
    text = f"up makes at most {CALLS_AT_MOST} Railway calls besides status polls"
    claim(text, shown=0 < others <= CALLS_AT_MOST, seen=f"{others} calls, {len(polls)} polls")


def again(stage: Stage) -> None:
    """A second up: no write and no deployment."""
    before = stage.deployments()
    stage.cloud.calls.clear()
    result = stage.engine.up(stage.environment(), "--expect-no-changes")
    written = [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"]
    passed = result.status == 0 and not written
    stage.claims.claim("a second up writes nothing", shown=passed, seen=", ".join(written) or f"exit {result.status}")
    stage.claims.claim("a second up starts no deployment", shown=stage.deployments() == before)
