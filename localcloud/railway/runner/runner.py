"""The walks of all deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.railway.runner.journal import Journal
from localcloud.railway.runner.walk import Walk, Workshop
from localcloud.railway.state.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localcloud.core.working_copy import WorkingCopy
    from localcloud.railway.runner.environment import Environments
    from localcloud.railway.runner.orders import Order
    from localcloud.railway.state.model import Deployment
    from localcloud.railway.state.world import World


class LocalRunner:
    """Runs deployments as processes of this machine."""

    def __init__(
        self,
        world: World,
        working_copy: WorkingCopy,
        environments: Environments,
        directory: Path,
        model_endpoints: Mapping[str, str],
    ) -> None:
        self._world = world
        self._workshop = Workshop(world, working_copy, environments, directory, model_endpoints, self.remove)
        self._walks: dict[str, Walk] = {}

    def launch(self, deployment: Deployment) -> None:
        """Begin to build and run the deployment."""
        self._walks[deployment.id] = Walk(self._workshop, deployment)

    def remove(self, deployment: Deployment) -> None:
        """Take it offline, draining; it ends as REMOVED."""
        walk = self._walks[deployment.id]
        if walk.is_over:
            Journal(self._world, deployment).enter(Status.REMOVED)
        else:
            walk.order("remove")

    def stop(self, deployment: Deployment) -> None:
        """End its process; the status stays."""
        self._order(deployment, "stop")

    def restart(self, deployment: Deployment) -> None:
        """End its process and start it again as it was."""
        self._order(deployment, "restart")

    def release(self, deployment: Deployment) -> None:
        """Let a deployment go on that is held at a status."""
        self._walks[deployment.id].release()

    def begin_abort(self) -> list[Walk]:
        """Tell every walk to end its process at once, and forget it. Pass the result to `finish_abort`."""
        walks, self._walks = list(self._walks.values()), {}
        for walk in walks:
            walk.order("abort")
        return walks

    def finish_abort(self, walks: list[Walk]) -> None:
        """Wait until the walks have ended. The caller holds no lock of the world."""
        for walk in walks:
            walk.join()

    def _order(self, deployment: Deployment, order: Order) -> None:
        self._walks[deployment.id].order(order)
