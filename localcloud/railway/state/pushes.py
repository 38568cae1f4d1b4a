"""What a push to the branch does to the instances that follow it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from localcloud.railway.errors import RailwayError
from localcloud.railway.patterns import anywhere, matches

if TYPE_CHECKING:
    from localcloud.core.working_copy import WorkingCopy
    from localcloud.railway.state.deployments import DeploymentRules
    from localcloud.railway.state.model import Deployment, Instance
    from localcloud.railway.state.world import World


class PushRules:
    """Deploys what a push concerns. Quick pushes may be gathered into one."""

    def __init__(self, world: World, working_copy: WorkingCopy, deployments: DeploymentRules) -> None:
        self._world = world
        self._working_copy = working_copy
        self._deployments = deployments

    def push(self) -> list[Deployment]:
        """The head is pushed: a deployment for each instance that follows pushes. None yet while pushes gather."""
        window = self._world.behaviour.push_window
        if not window:
            return [self._reach(instance) for instance in self.connected() if instance.auto_deploy]
        if not self._world.pushes_gather:
            self._world.pushes_gather = True
            self._world.timers.after(window, self._deliver)
        return []

    def connected(self) -> list[Instance]:
        """The instances with a push trigger."""
        places = [(trigger.service_id, trigger.environment_id) for trigger in self._world.triggers.values()]
        found = (self._world.instance(*place) for place in places)
        return [instance for instance in found if instance is not None]

    def _deliver(self) -> None:
        with self._world.lock:
            self._world.pushes_gather = False
            for instance in self.connected():
                if instance.auto_deploy:
                    with contextlib.suppress(RailwayError):  # the limit of deployments: a push is told of nothing
                        self._reach(instance)

    def _reach(self, instance: Instance) -> Deployment:
        """Deploy, or skip where nothing that is watched has changed since the deployment before."""
        if self._concerns(instance):
            return self._deployments.deploy_head(instance, reason="push")
        return self._deployments.skip(instance, self._working_copy.head)

    def _concerns(self, instance: Instance) -> bool:
        patterns = [anywhere(each) for each in instance.settings.current["watchPatterns"]]
        latest = next(iter(self._world.deployments_of(instance)), None)
        before = latest.captured.source.commit if latest else None
        changed = self._working_copy.changed(before, self._working_copy.head) if before and patterns else None
        return changed is None or any(matches(name, patterns) for name in changed)
