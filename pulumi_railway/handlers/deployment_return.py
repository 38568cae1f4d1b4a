"""Going back after a deployment that is not accepted: to what was accepted before, or offline where nothing was."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway.api import deployments, variables
from pulumi_railway.api.deployments import SERVING, Deployment
from pulumi_railway.api.errors import AmbiguousResult, NotFound, Refused
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import variable_writes
from pulumi_railway.handlers.deployment_follow import UNFINISHED, Limits, cancel, describe, follow
from pulumi_railway.handlers.deployment_start import Start, deploy
from pulumi_railway.handlers.service import MARKER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.waiting import Clock

SERVES_WITHIN: Final = 300.0
"""Seconds for an earlier deployment to serve again."""

_LEAVES_WITHIN: Final = 60.0
"""Seconds for a deployment to hand over to its successor, draining included."""


@dataclass(frozen=True)
class Earlier:
    """What to go back to; `commit` is None where it is not known."""

    deployment_id: str
    commit: str | None


@dataclass(frozen=True)
class Return:
    """`serving` is what serves now, None where nothing does; `ours` whether this run brought it back."""

    serving: Deployment | None
    ours: bool
    told: str


@dataclass(frozen=True)
class Retreat:
    """The way back from the deployment `refused` to `earlier`."""

    context: Context
    clock: Clock
    place: Place
    refused: str
    earlier: Earlier | None
    limits: Limits

    def go(self) -> Return:
        """Make the earlier one serve, or take the refused one offline. Raises `UserError` where neither works."""
        recent = deployments.recent(self.context.api, self.place)
        refused = next((each for each in recent if each.id == self.refused), None)
        if refused is not None and refused.status in UNFINISHED:
            cancel(self.context, refused.id)
            refused = deployments.read(self.context.api, refused.id)  # it may have begun to serve in between
        serves = refused is not None and refused.status in SERVING
        serving = refused if serves else next((each for each in recent if each.status in SERVING), None)
        if serving is not None and self._stays(serving, recent):
            before = "As before, " if self.earlier and serving.id == self.earlier.deployment_id else ""
            return Return(serving, ours=False, told=f"{before}{describe(serving)} serves.")
        if self.earlier:
            return self._back(self.earlier, recent)
        return self._take_offline(serving) if serving else Return(None, ours=False, told="Nothing serves.")

    def _stays(self, serving: Deployment, recent: list[Deployment]) -> bool:
        """Whether it is the earlier one, or somebody started it meanwhile; what nobody accepted before goes."""
        if self.earlier and serving.id == self.earlier.deployment_id:
            return True
        newer = itertools.takewhile(lambda each: each.id != self.refused, recent)
        return any(each.id == serving.id for each in newer)

    def _take_offline(self, serving: Deployment) -> Return:
        deployments.remove(self.context.api, serving.id)
        for _ in self.clock.polls(_LEAVES_WITHIN):
            if deployments.read(self.context.api, serving.id).status not in SERVING:
                return Return(None, ours=True, told=f"None was accepted before: {serving.id} is taken offline.")
        raise ResourceError(f"Railway agreed to take {describe(serving)} offline, but it still serves.")

    def _back(self, earlier: Earlier, recent: list[Deployment]) -> Return:
        target = self._handed_over(earlier)
        known = {each.id for each in recent}
        if target is not None and target.can_rollback and (rolled_back := self._roll_back(target, known)):
            return rolled_back
        commit = earlier.commit or (target.commit if target else None)
        if commit is None:
            raise ResourceError(f"Railway can no longer roll back to deployment {earlier.deployment_id}.")
        self.context.log("warning", f"Railway no longer holds the image of {earlier.deployment_id}: building it anew.")
        started = deploy(Start(self.context, self.clock, self.place, commit, known))
        serving = follow(self.context, self.clock, self.place, started, self.limits)
        return Return(serving, ours=True, told=f"The last accepted commit was built anew: {describe(serving)} serves.")

    def _handed_over(self, earlier: Earlier) -> Deployment | None:
        """The earlier deployment, once it has left for its successor; None where Railway no longer knows it."""
        target = None
        for _ in self.clock.polls(_LEAVES_WITHIN):
            try:
                target = deployments.read(self.context.api, earlier.deployment_id)
            except NotFound:
                return None
            if target.can_rollback or target.status not in (*SERVING, "REMOVING"):
                break
        return target

    def _roll_back(self, target: Deployment, known: set[str]) -> Return | None:
        """Roll back; Railway brings the old variables along, so those of the present are put back, however that ends.

        None where Railway refuses, e.g. because the image has just expired.
        """
        present = variables.read(self.context.api, self.place)
        self.context.log("info", f"Rolling back to {describe(target)}")
        try:
            deployments.rollback(self.context.api, target.id)
        except Refused as error:
            self.context.log("warning", str(error))
            return None
        except AmbiguousResult as error:
            self.context.log("warning", f"{error} Looking what serves.")
        try:
            serving = self._serving_again(target, known)
        except UserError as error:
            raise ResourceError(f"{error} {self._restored(present)}".rstrip()) from error
        told = f"Rolled back: {describe(serving)} serves. {self._restored(present)}".rstrip()
        return Return(serving, ours=True, told=told)

    def _serving_again(self, target: Deployment, known: set[str]) -> Deployment:
        for _ in self.clock.polls(SERVES_WITHIN):
            recent = deployments.recent(self.context.api, self.place)
            new = [each for each in recent if each.id == target.id or each.id not in known]
            if found := next((each for each in new if each.status in SERVING), None):
                return found
            if ended := next(
                (each for each in new if each.id not in known and each.status in {"FAILED", "CRASHED"}), None
            ):
                raise ResourceError(f"The rollback failed: {describe(ended)}.")
        raise ResourceError(f"The rollback to {target.id} does not serve within {SERVES_WITHIN:.0f} s.")

    def _restored(self, present: Mapping[str, str | None]) -> str:
        """Put the variables of the present back; what to do where that fails, else empty."""
        try:
            self._restore(present)
        except UserError as error:
            return (
                f"The rollback brought old variables back, and they may be there still: {error} Run `pulumi up "
                "--refresh`, which writes and deploys those of the program."
            )
        return ""

    def _restore(self, present: Mapping[str, str | None]) -> None:
        live = variables.read(self.context.api, self.place)
        own = {name: value for name, value in present.items() if not name.startswith("RAILWAY_") and value is not None}
        changed = {name: value for name, value in own.items() if live.get(name) != value}
        added = [name for name in live if name not in present and not name.startswith("RAILWAY_")]
        if changed or added:
            variable_writes.write(self.context, self.place, changed, added)


def is_own(context: Context, place: Place) -> bool:
    """Whether this very stack made the service: what serves there was never anybody's before."""
    marker = variables.read(context.api, place).get(MARKER) or ""
    return bool(context.stack) and marker.endswith(f" {context.stack}")
