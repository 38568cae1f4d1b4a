"""Settings of a service instance: what may be written and what a cleared one becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import DEFAULT_SETTINGS, Instance, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.railway.state.world import World

_NOT_NEGATIVE = ("healthcheckTimeout", "overlapSeconds", "drainingSeconds", "restartPolicyMaxRetries")


class SettingRules:
    """Writes settings. It never deploys."""

    def __init__(self, world: World) -> None:
        self._world = world

    def update(self, instance: Instance, changes: Mapping[str, Any]) -> None:
        """Apply `changes`: a name that is absent keeps its value, None clears it."""
        self._check(instance, changes)
        settings = dict(instance.settings.current)
        for name in DEFAULT_SETTINGS.keys() & changes.keys():
            if name != "region":  # ignored, as in Railway: multiRegionConfig decides
                settings[name] = DEFAULT_SETTINGS[name] if changes[name] is None else changes[name]
        instance.settings.write(settings, self._world.behaviour.read_lag)
        if "source" in changes:
            self._set_source(instance, changes["source"] or {})
        instance.updated_at = now()

    def _set_source(self, instance: Instance, source: Mapping[str, str | None]) -> None:
        repo, image = source.get("repo"), source.get("image")
        branch = self._world.seed.branch if repo else None
        instance.source = Source(repo, branch, image)

    def _check(self, instance: Instance, changes: Mapping[str, Any]) -> None:
        if changes.get("numReplicas") is not None and changes["numReplicas"] < 1:
            raise RailwayError(BAD_INPUT)
        if any((changes.get(name) or 0) < 0 for name in _NOT_NEGATIVE):
            raise RailwayError(BAD_INPUT)
        if (changes.get("source") or {}).get("repo") not in {None, self._world.seed.repository}:
            raise RailwayError(BAD_INPUT)
        path = changes.get("healthcheckPath")
        if path is None:
            return
        early = self._world.behaviour.refuse_early_healthcheck and not self._world.deployments_of(instance)
        if early or not path.startswith("/"):
            raise RailwayError(BAD_INPUT)
