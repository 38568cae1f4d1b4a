"""What must hold after a run was ended and run again. Each check gives its problems in words; none is a survival."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from chaos.points import Signal
from chaos.processes import left_after
from chaos.runs import Ended
from localcloud.demo import leaks
from localcloud.demo.commands import Result
from localcloud.demo.stage import SERVICE, Stage

LEAVES_WITHIN: Final = 10.0
"""Seconds for plugins and gates to end once their engine is gone."""
SERVES_WITHIN: Final = 10.0
"""Seconds for the edge to swap deployments."""
ENDINGS: Final[Mapping[Signal, set[int]]] = {"SIGKILL": {-signal.SIGKILL}, "SIGINT": {0, 1}}
"""The statuses of a run that met a signal; one that had just done everything when it was interrupted may say so."""
OWN_FRAME: Final = re.compile(r'File "\S*/(stacks|gateway|pulumi_railway|localcloud)/')
"""The CLI interrupts a program that waits with a traceback of its own, in which nothing of the project stands."""
GONE: Final = ("REMOVED", "FAILED", "CRASHED")


def after_the_end(stage: Stage, ended: Ended, by: Signal, *, deployed: bool) -> Iterator[str]:
    """After the run was ended: it ended, in order where it could, left no process, and what served before serves."""
    if ended.status not in ENDINGS[by]:
        yield f"{by} made the run end with status {ended.status}: {_tail(ended)}"
    yield from _said(stage, ended, "the ended run")
    yield from (f"still runs: {command}" for command in left_after(stage.workspace.directory, LEAVES_WITHIN))
    if deployed and not _serves(stage):
        yield "nothing serves at the published URL"


def after_the_next_run(stage: Stage, ended: Result, *, deployed: bool) -> Iterator[str]:
    """After the same command again: it did it, nothing is there twice or left over, and the state is true."""
    if ended.status != 0:
        yield f"the next run ended with status {ended.status}: {_tail(ended)}"
        return
    yield from _said(stage, ended, "the next run")
    yield from (f"still runs: {command}" for command in left_after(stage.workspace.directory, LEAVES_WITHIN))
    state = _exported(stage)
    yield from _deployed_once(stage, state) if deployed else (f"left over: {each}" for each in stage.leftovers())
    yield from _state(stage, state, deployed=deployed)
    if deployed:
        yield from _unchanged(stage)


def deployments_made(made: int, most: int, who: str) -> Iterator[str]:
    """What a run deployed: after one that was ended the next may deploy once, and no run more than it needs."""
    if made > most:
        yield f"{who} made {made} deployments; {most} would have done"


def _said(stage: Stage, ended: Ended | Result, who: str) -> Iterator[str]:
    own = OWN_FRAME.search(ended.output)
    if own or ("Traceback" in ended.output and stage.engine.name != "pulumi"):
        yield f"{who} said a traceback: {_tail(ended)}"
    yield from (f"a secret in the output of {who}: {found}" for found in _leaks(stage, ended.output))


def _leaks(stage: Stage, text: str) -> list[str]:
    return leaks.search({"it": text}, stage.every_secret_value())


def _deployed_once(stage: Stage, state: Mapping[str, Any]) -> Iterator[str]:
    """One service with one domain and one deployment, which is published and answers."""
    services = [each for each in stage.cloud.railway.state()["services"] if not each["deletedAt"]]
    if [each["name"] for each in services] != [SERVICE]:
        yield f"there are the services {[each['name'] for each in services]}"
        return
    domains = services[0]["domains"]
    if [f"https://{domain}" for domain in domains] != [stage.repository_variable()]:
        yield f"the domains are {domains}, published is {stage.repository_variable()!r}"
    running = _running(stage)
    recorded = _outputs(state).get("deployment_id")
    if [each["id"] for each in running] != [recorded]:
        yield f"the state says that {recorded} runs; running are {[(each['id'], each['status']) for each in running]}"
    if not _serves(stage, recorded):
        yield f"{recorded} does not answer at {stage.repository_variable()!r}"


def _running(stage: Stage) -> list[dict[str, Any]]:
    """The deployments that run, once those that were replaced have left."""
    end = time.monotonic() + LEAVES_WITHIN
    while True:
        found = [each for each in stage.cloud.railway.deployments() if each["status"] not in GONE]
        if not any(each["status"] == "REMOVING" for each in found) or time.monotonic() > end:
            return found
        time.sleep(0.05)


def _serves(stage: Stage, deployment: str | None = None) -> bool:
    """Whether the gateway answers at the published URL, with the deployment asked for where one is."""
    end = time.monotonic() + SERVES_WITHIN
    while time.monotonic() < end:
        try:
            with stage.client() as client:
                answer = client.get("/health")
        except (httpx.HTTPError, ValueError):
            answer = None
        served = answer.headers.get("x-gateway-deployment") if answer and answer.status_code == httpx.codes.OK else None
        if served and deployment in {None, served}:
            return True
        time.sleep(0.05)
    return False


def _state(stage: Stage, state: Mapping[str, Any], *, deployed: bool) -> Iterator[str]:
    """No lock, nothing pending, nothing half-made; after a destroy nothing at all."""
    if state.get("pending_operations"):
        yield f"pending in the state: {[each['type'] for each in state['pending_operations']]}"
    resources = state.get("resources") or []
    yield from (f"half-made in the state: {each['urn']}" for each in resources if each.get("initErrors"))
    if not deployed and resources:
        yield f"left in the state: {[each['urn'] for each in resources]}"
    yield from (f"a secret in the state: {found}" for found in _leaks(stage, json.dumps(state)))
    files = sorted(file.name for file in (stage.directory / "state").rglob("*") if file.is_file())
    yield from (f"left beside the state: {name}" for name in files if name.endswith((".lock", ".new")))


def _unchanged(stage: Stage) -> Iterator[str]:
    """A refresh finds what is recorded, and another up has nothing to do."""
    environment = stage.environment()
    refreshed = stage.engine.refresh(environment, "--expect-no-changes")
    if refreshed.status != 0:
        yield f"a refresh changes the state: {refreshed.output[-600:]}"
    stage.cloud.calls.clear()
    again = stage.engine.up(environment, "--expect-no-changes")
    if again.status != 0:
        yield f"another up changes something: {again.output[-600:]}"
    written = [call.operation for call in stage.cloud.calls.list() if call.kind == "mutation"]
    if written:
        yield f"another up writes: {written}"


def _exported(stage: Stage) -> dict[str, Any]:
    """The deployment in the state; nothing where the engine cannot read it, which is a problem of what follows."""
    exported = json.loads(stage.engine.state(stage.environment()) or "{}")
    return dict(exported.get("deployment") or {})


def _outputs(state: Mapping[str, Any]) -> dict[str, Any]:
    roots = [each for each in state.get("resources") or [] if each["type"] == "pulumi:pulumi:Stack"]
    return dict(roots[0].get("outputs") or {}) if roots else {}


def _tail(ended: Ended | Result) -> str:
    return ended.output[-1500:]
