"""Judging a deployment that serves: wait for the edge, run the gate, make sure that nothing else serves by then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import httpx

from pulumi_railway.api import deployments
from pulumi_railway.api.deployments import SERVING
from pulumi_railway.gate import Gate, Judgement
from pulumi_railway.handlers.deployment_follow import describe, failure

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

SETTLES_WITHIN: Final = 120.0
"""Seconds for the edge to learn a route; the gate judges after that in any case."""

GATE_TIMEOUT: Final = 600.0
"""Seconds for a gate that names no time itself."""

_NOT_ROUTED: Final = (404, 502, 503)
"""What the edge answers while it does not know a domain yet, or has just swapped deployments."""

_PROBE_TIMEOUT: Final = 10.0


def settle(context: Context, clock: Clock, url: str) -> None:
    """Ask `url` until something other than the edge answers."""
    answer = "no answer"
    with httpx.Client(timeout=_PROBE_TIMEOUT) as http:
        for seconds in clock.polls(SETTLES_WITHIN):
            try:
                status = http.get(url).status_code
            except httpx.TransportError as error:
                answer = type(error).__name__
            else:
                if status not in _NOT_ROUTED:
                    context.log("debug", f"{url} answers {status} after {seconds:.1f} s")
                    return
                answer = str(status)
    context.log("warning", f"{url} does not settle within {SETTLES_WITHIN:.0f} s ({answer}); judging it all the same.")


def run_gate(context: Context, inputs: Mapping[str, Any], secrets: Mapping[str, str], deployment_id: str) -> Judgement:
    """Run the gate of these inputs; without one a deployment that serves is accepted."""
    gate = inputs.get("gate")
    if gate is None:
        return Judgement("accepted", "there is no gate")
    url = inputs["endpoint"]
    environment = {
        **context.gate_environment,
        **gate.get("environment", {}),
        **secrets,
        "GATEWAY_URL": url,
        "GATEWAY_DEPLOYMENT_ID": deployment_id,
    }
    command = [part.replace("{url}", url) for part in gate["command"]]
    context.log("info", f"Judging {url}: {' '.join(command)}")
    runner = Gate(command, environment, gate.get("timeoutSeconds", GATE_TIMEOUT))
    return runner.judge(lambda line: context.log("info", line), context.cancelled, context.secrets.redactor)


def what_serves(context: Context, place: Place, deployment_id: str, judgement: Judgement) -> Judgement:
    """The judgement, corrected where another deployment serves by now or this one fell."""
    recent = deployments.recent(context.api, place)
    ours = next((each for each in recent if each.id == deployment_id), None)
    if ours and ours.status in SERVING:
        return judgement
    if other := next((each for each in recent if each.status in SERVING), None):
        reason = f"{describe(other)} took over while this one was judged, e.g. after a push"
        return Judgement("cannot tell", reason, judgement.evidence)
    if ours is None:
        reason = f"Railway no longer lists deployment {deployment_id} among its {len(recent)} newest, and none serves"
        return Judgement("cannot tell", reason, judgement.evidence)
    return Judgement(
        "refused", failure(context, place, ours, f"it {ours.status} while it was judged"), judgement.evidence
    )
