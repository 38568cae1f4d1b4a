"""`railway:index:Deployment`: one deployment for any set of changes, judged before its URL is given away."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import deployments, domains
from pulumi_railway.api.deployments import SERVING
from pulumi_railway.api.errors import NotFound
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers import checks, identity, imports
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.deployment_follow import HELD, UNFINISHED, Limits, cancel, describe
from pulumi_railway.handlers.deployment_rollout import BUILT_FROM, Rollout
from pulumi_railway.handlers.deployment_source import AUTO_DEPLOY, live, set_auto_deploy
from pulumi_railway.handlers.presence import service_is_gone
from pulumi_railway.handlers.waiting import Clock, Pace

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place

DRIFT: Final = "live"
"""The trigger that a refresh adds where another deployment serves or is under way, so that the next update deploys."""

_OFFLINE_WITHIN: Final = 60.0
"""Seconds for deployments to leave."""

_URL: Final = r"https?://[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*(:\d{1,5})?/?"

_GATE: Final = ("command", "environment", "secrets", "timeoutSeconds")


class DeploymentHandler:
    """Deploys when triggers, repository or branch change; a new endpoint alone is only judged again."""

    token = "railway:index:Deployment"  # noqa: S105 - a type token

    def __init__(
        self, pace: Pace | None = None, limits: Limits | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._pace = pace or Pace()
        self._limits = limits or Limits()
        self._now = now

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """The source; a gate is optional, and needs an endpoint."""
        names = ("repository", "branch", AUTO_DEPLOY, "commit", "endpoint", "triggers", "gate")
        inputs = checks.Inputs(news, (*identity.PLACE_INPUTS, *names))
        checks.place(inputs)
        inputs.text("repository", shape=r"[\w.-]+/[\w.-]+", wanted="owner/name")
        inputs.text("branch", shape=r"\S+", wanted="the name of a branch")
        inputs.boolean(AUTO_DEPLOY)
        inputs.text("commit", shape=r"[0-9a-f]{40}", wanted="a commit: 40 hex digits")
        judged = news.get("gate") is not None
        inputs.text("endpoint", required=judged, shape=_URL, wanted="a URL without a path")
        for name, value in inputs.mapping("triggers").items():
            if value is not UNKNOWN and not isinstance(value, str):
                inputs.fail(f"triggers.{name}", "must be a text")
        _check_gate(inputs)
        checked = inputs.result()
        return Checked({AUTO_DEPLOY: False, "triggers": {}, **checked.inputs}, checked.failures)

    def diff(self, old: State, news: Properties) -> Diff:
        """Commit and gate may change freely: they matter to the next deployment, and make none.

        Whether pushes are deployed is known by the outputs: Railway may have refused what the inputs ask for.
        """
        switch = {AUTO_DEPLOY: False, **old.inputs, **old.outputs}[AUTO_DEPLOY]
        known = State(old.id, {**old.inputs, AUTO_DEPLOY: switch}, old.outputs)
        return diff(known, news, compared=(*BUILT_FROM, AUTO_DEPLOY, "endpoint"), replaced=identity.PLACE_INPUTS)

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:  # noqa: ARG002 - the contract
        """The URL is the endpoint, once it is accepted; all else is known afterwards."""
        if old is not None and self._switches_only(old, news):
            return _switched(old, news, enabled=news[AUTO_DEPLOY]).outputs
        unknown = dict.fromkeys(("deploymentId", "acceptedAt", "evidence", "previousDeploymentId"), UNKNOWN)
        return {**news, **unknown, **_url(news)}

    def create(self, context: Context, inputs: Properties) -> State:
        """Deploy and judge."""
        return self._roll_out(context, inputs, {})

    def read(self, context: Context, old: State) -> State | None:
        """What the service is built from, and whether the recorded deployment serves and will.

        Where it does not, the triggers say what does. Raises `PartialFailure` as long as nothing was accepted, so that
        the next update goes on from there although the inputs are those that are asked for.
        """
        place = imports.place_of(context, old)
        try:
            recent = deployments.recent(context.api, place)
            source = live(context, place, old.inputs)
            if not old.inputs:
                return self._imported(context, place, recent, source)
        except NotFound:
            if service_is_gone(context, place):
                return None
            raise
        live_now = State(old.id, {**old.inputs, **source}, {**old.outputs, **source})
        recorded = old.outputs.get("deploymentId")
        if not old.outputs.get("acceptedAt"):
            raise PartialFailure(live_now, [_unaccepted(place, recorded)])
        newest = next((each for each in recent if each.status in (*SERVING, *UNFINISHED)), None)
        if newest and newest.id == recorded:
            return live_now
        told = f"{describe(newest)} serves, or is about to," if newest else "nothing serves"
        triggers = {**old.inputs.get("triggers", {}), DRIFT: f"{told} instead of {recorded}"}
        return dataclasses.replace(live_now, inputs={**live_now.inputs, "triggers": triggers})

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Deploy and judge; a deployment of the same inputs that is still there is only judged, if that."""
        if self._switches_only(old, inputs):
            pushes = set_auto_deploy(context, identity.place_of(old.id), enabled=inputs[AUTO_DEPLOY])
            switched = _switched(old, inputs, enabled=pushes.deployed)
            if pushes.problem:
                raise PartialFailure(switched, [pushes.problem])
            return switched
        return self._roll_out(context, inputs, old.outputs)

    def delete(self, context: Context, old: State) -> None:
        """Take the service offline, where it still exists: what serves, and what would."""
        place = identity.place_of(old.id)
        asked: set[tuple[str, bool]] = set()
        left: list[deployments.Deployment] = []
        try:
            for _ in Clock(context, self._pace, self._now).polls(_OFFLINE_WITHIN):
                recent = deployments.recent(context.api, place)
                for each in recent:
                    _take_down(context, each, asked)
                left = [each for each in recent if each.status in (*SERVING, *UNFINISHED)]
                if not left:
                    return
        except NotFound:
            if service_is_gone(context, place):
                return
            raise
        raise ResourceError(
            f"Railway agreed to take service {place.service_id} offline, but there still is {describe(left[0])}. Run "
            "again."
        )

    def _switches_only(self, old: State, news: Properties) -> bool:
        """Whether nothing but Railway's own deployments of pushes changes, and what was accepted stays that."""
        return bool(old.outputs.get("acceptedAt")) and list(self.diff(old, news).changes) == [AUTO_DEPLOY]

    def _roll_out(self, context: Context, inputs: Properties, before: Properties) -> State:
        payloads = context.secrets.payloads((inputs.get("gate") or {}).get("secrets", {}))
        limits = Limits(context.timeout or self._limits.total, self._limits.stuck)
        clock = Clock(context, self._pace, self._now)
        return Rollout(context, clock, limits, inputs, before, payloads).run()

    def _imported(
        self, context: Context, place: Place, recent: list[deployments.Deployment], source: Properties
    ) -> State:
        """What serves, as inputs; no trigger is known yet, so the next update deploys and judges."""
        serving = next((each for each in recent if each.status in SERVING), None)
        found = domains.read(context.api, place)
        if serving is None or not (source["repository"] and source["branch"]):
            raise ResourceError(f"Service {place.service_id} has no deployment from a repository to import.")
        inputs: dict[str, Any] = {
            **identity.as_inputs(place),
            **source,
            "commit": serving.commit or "",
            **({"endpoint": f"https://{found[0].domain}"} if found else {}),
            "triggers": {},
        }
        return State(identity.of_place(place), inputs, {**inputs, "previousDeploymentId": serving.id})


def _unaccepted(place: Place, recorded: str | None) -> str:
    if recorded is None:
        return (
            f"No deployment of service {place.service_id} was accepted: run `pulumi up`, which deploys and judges it."
        )
    return f"Deployment {recorded} was not accepted: run `pulumi up`, which judges it."


def _take_down(context: Context, deployment: deployments.Deployment, asked: set[tuple[str, bool]]) -> None:
    """Remove or cancel it, each once: one that was to be cancelled may serve before it hears of that."""
    serves = deployment.status in (*SERVING, "CRASHED")
    unfinished = deployment.status in (*UNFINISHED, HELD)
    if (deployment.id, serves) in asked or not (serves or unfinished):
        return
    asked.add((deployment.id, serves))
    if serves:
        deployments.remove(context.api, deployment.id)
    else:
        cancel(context, deployment.id)


def _url(inputs: Properties) -> Properties:
    """The endpoint under the name it has once it is accepted; nothing without one."""
    return {"url": inputs["endpoint"]} if "endpoint" in inputs else {}


def _switched(old: State, news: Properties, *, enabled: bool) -> State:
    return State(old.id, news, {**old.outputs, AUTO_DEPLOY: enabled})


def _check_gate(inputs: checks.Inputs) -> None:
    gate = inputs.mapping("gate")
    if not gate:
        return
    for name in sorted(set(gate) - set(_GATE)):
        inputs.fail(f"gate.{name}", f"is no part of a gate; it has {', '.join(_GATE)}")
    command = gate.get("command")
    texts = isinstance(command, list) and all(part is UNKNOWN or isinstance(part, str) for part in command)
    if command is not UNKNOWN and (not command or not texts):
        inputs.fail("gate.command", "must be a list: the program, then its arguments")
    _check_gate_variables(inputs, gate)
    seconds = gate.get("timeoutSeconds")
    if seconds is not None and seconds is not UNKNOWN and not (isinstance(seconds, int | float) and seconds > 0):
        inputs.fail("gate.timeoutSeconds", "must be a number of seconds above 0")


def _check_gate_variables(inputs: checks.Inputs, gate: Mapping[str, Any]) -> None:
    for name, check in (("environment", inputs.plain_variables), ("secrets", inputs.secret_variables)):
        found = gate.get(name) or {}
        if isinstance(found, Mapping):
            check(f"gate.{name}", found)
        elif found is not UNKNOWN:
            inputs.fail(f"gate.{name}", "must be a map")
