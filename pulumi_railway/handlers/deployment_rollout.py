"""One rollout: start or resume a deployment, follow it, judge it, and accept it or go back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import deployments, instances
from pulumi_railway.api.deployments import SERVING, Deployment, Source
from pulumi_railway.errors import UserError
from pulumi_railway.handlers import deployment_judge, identity
from pulumi_railway.handlers.base import PartialFailure, Properties, State
from pulumi_railway.handlers.deployment_follow import (
    HELD,
    UNFINISHED,
    DeploymentFailedError,
    DeploymentStuckError,
    Limits,
    cancel,
    follow,
)
from pulumi_railway.handlers.deployment_return import Earlier, Retreat, is_own
from pulumi_railway.handlers.deployment_source import AUTO_DEPLOY, Pushes, connect, is_connected, set_auto_deploy
from pulumi_railway.handlers.deployment_start import Start, cancel_others, deploy, start

if TYPE_CHECKING:
    from pulumi_railway.api.instances import Instance
    from pulumi_railway.gate import Judgement
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

BUILT_FROM: Final = ("triggers", "repository", "branch")
"""The inputs that a deployment is made of: while they stay, so does it."""


@dataclass
class Rollout:
    """`before` are the outputs so far, empty on a create; `secrets` the payloads the gate gets."""

    context: Context
    clock: Clock
    limits: Limits
    inputs: Properties
    before: Properties
    secrets: Mapping[str, str]
    deployment_id: str = ""
    pushes: Pushes = field(init=False)
    recent: list[Deployment] = field(default_factory=list)
    earlier: Earlier | None = None

    def run(self) -> State:
        """The accepted state. Raises `PartialFailure` once a deployment was started, saying what serves now."""
        self.place = identity.from_inputs(self.inputs)
        instance = instances.read(self.context.api, self.place)
        self.recent = deployments.recent(self.context.api, self.place)
        resumed = self._resumable()
        self.earlier = self._earlier(resumed)
        cancel_others(self.context, self.recent, resumed)
        self.pushes = Pushes(self.before.get(AUTO_DEPLOY, False))
        if resumed and self.pushes.deployed != self.inputs[AUTO_DEPLOY]:
            self._switch()
        self.deployment_id = resumed or self._start(instance)
        try:
            return self._judged(instance)
        except UserError as error:
            raise self._unjudged(str(error)) from error

    def _resumable(self) -> str | None:
        """The recorded deployment where it was made of the same inputs, and nothing newer replaces it."""
        recorded = self.before.get("deploymentId")
        if any(self.before.get(name) != self.inputs.get(name) for name in BUILT_FROM):
            return None
        alive = [deployment.id for deployment in self.recent if deployment.status in (*SERVING, *UNFINISHED, HELD)]
        return recorded if recorded in alive[:1] else None

    def _start(self, instance: Instance) -> str:
        source = Source(self.inputs["repository"], self.inputs["branch"])
        if not (connected := is_connected(self.context, self.place, source, instance)):
            connect(self.context, self.place, source)
        self._switch()
        try:
            return start(self._new_start(), connected=connected)
        except UserError as error:
            if not self.before or self.pushes.deployed == self.before.get(AUTO_DEPLOY, False):
                raise
            raise self._failure(self.before, str(error)) from error

    def _switch(self) -> None:
        """Let Railway deploy pushes as is asked for; how that stands is recorded, however the deployment ends."""
        self.pushes = set_auto_deploy(self.context, self.place, enabled=self.inputs[AUTO_DEPLOY])

    def _new_start(self) -> Start:
        known = {deployment.id for deployment in self.recent}
        return Start(self.context, self.clock, self.place, self.inputs["commit"], known)

    def _judged(self, instance: Instance) -> State:
        try:
            deployment = self._followed()
        except DeploymentFailedError as error:
            raise self._rejected(str(error)) from error
        if "endpoint" in self.inputs:
            path = instance.settings.get("healthcheckPath") or "/"
            deployment_judge.settle(self.context, self.clock, self.inputs["endpoint"].rstrip("/") + path)
        judgement = deployment_judge.run_gate(self.context, self.inputs, self.secrets, self.deployment_id)
        judgement = deployment_judge.what_serves(self.context, self.place, self.deployment_id, judgement)
        if judgement.verdict == "accepted":
            return self._accepted(deployment, judgement)
        reason = f"Deployment {self.deployment_id} is not accepted: {judgement.reason}."
        if judgement.verdict == "refused":
            raise self._rejected(reason, judgement.evidence)
        raise self._unjudged(f"{reason} Nothing was changed or published; run again to judge it.", judgement.evidence)

    def _followed(self) -> Deployment:
        """Follow the deployment; one that does not begin is replaced once."""
        try:
            return follow(self.context, self.clock, self.place, self.deployment_id, self.limits)
        except DeploymentStuckError as stuck:
            self.context.log("warning", f"{stuck} Starting it once more and cancelling this one.")
        hanging = self.deployment_id
        self.recent = deployments.recent(self.context.api, self.place)
        self.deployment_id = deploy(self._new_start())
        cancel(self.context, hanging)
        try:
            return follow(self.context, self.clock, self.place, self.deployment_id, self.limits)
        except DeploymentStuckError as stuck:
            raise DeploymentFailedError(
                f"{stuck} Starting it again did not help; look at Railway's status page."
            ) from stuck

    def _accepted(self, deployment: Deployment, judgement: Judgement) -> State:
        previous = self.earlier.deployment_id if self.earlier else None
        outputs = {
            **self.inputs,
            "deploymentId": self.deployment_id,
            "url": self.inputs.get("endpoint"),
            "commit": deployment.commit or self.inputs["commit"],
            "acceptedAt": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "evidence": judgement.evidence,
            "previousDeploymentId": self.before.get("previousDeploymentId") if self._was_accepted else previous,
        }
        if self.pushes.problem:
            raise self._failure(
                outputs, f"Deployment {self.deployment_id} is accepted and serves, but not all is done."
            )
        return self._state(outputs)

    @property
    def _was_accepted(self) -> bool:
        """Whether this very deployment was accepted by an earlier run and is only judged again."""
        return bool(self.before.get("acceptedAt")) and self.before.get("deploymentId") == self.deployment_id

    def _earlier(self, resumed: str | None) -> Earlier | None:
        """What to go back to: the last accepted deployment, else what served before this stack came to the service."""
        accepted = self.before.get("acceptedAt")
        recorded = self.before.get("deploymentId" if accepted else "previousDeploymentId")
        if recorded:
            return Earlier(recorded, self.before.get("commit") if accepted else None)
        served = [each for each in self.recent if each.status in SERVING and each.id != resumed]
        if not served or is_own(self.context, self.place):
            return None
        return Earlier(served[0].id, served[0].commit)

    def _rejected(self, reason: str, evidence: str | None = None) -> PartialFailure:
        """Go back, and tell what serves now."""
        if self._was_accepted:
            return self._left_alone(reason, evidence)
        retreat = Retreat(self.context, self.clock, self.place, self.deployment_id, self.earlier, self.limits)
        try:
            back = retreat.go()
        except UserError as error:
            return self._unjudged(f"{reason}\nGoing back failed too: {error}", evidence)
        outputs: dict[str, Any] = {**self.inputs, **self.before, "evidence": evidence}
        if not self.before.get("acceptedAt"):
            outputs |= {"deploymentId": None, "previousDeploymentId": back.serving.id if back.serving else None}
        elif back.serving and back.ours:
            outputs["deploymentId"] = back.serving.id
        return self._failure(outputs, f"{reason}\n{back.told} Nothing was published.")

    def _unjudged(self, reason: str, evidence: str | None = None) -> PartialFailure:
        """Keep the deployment on record, so that the next run judges it instead of starting another."""
        if self._was_accepted:
            return self._left_alone(reason, evidence)
        outputs = {
            **self.inputs,
            "deploymentId": self.deployment_id,
            "url": self.before.get("url"),
            "evidence": evidence,
            "previousDeploymentId": self.earlier.deployment_id if self.earlier else None,
        }
        return self._failure(outputs, reason)

    def _left_alone(self, reason: str, evidence: str | None) -> PartialFailure:
        outputs = {**self.before, "evidence": evidence}
        told = "An earlier run accepted this deployment, so it goes on serving as before."
        return self._failure(outputs, f"{reason}\n{told}")

    def _failure(self, outputs: Mapping[str, Any], reason: str) -> PartialFailure:
        """The failure, and beside it what is wrong with the switch of pushes."""
        return PartialFailure(self._state(outputs), [each for each in (reason, self.pushes.problem) if each])

    def _state(self, outputs: Mapping[str, Any]) -> State:
        told = {**outputs, AUTO_DEPLOY: self.pushes.deployed}  # as this run left it: going back does not turn it
        known = {name: value for name, value in told.items() if value is not None}
        return State(identity.of_place(self.place), self.inputs, known)
