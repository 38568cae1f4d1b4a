"""Volumes: at most one per instance, whose files outlive every deployment."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.clock import now
from localcloud.railway.state.model import Environment, Instance, Volume, VolumeInstance, new_id

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.railway.state.world import World

DEFAULT_REGION = "us-west2"


class VolumeRules:
    """What may be done to volumes; each has a directory of its own below `directory`."""

    def __init__(self, world: World, directory: Path) -> None:
        self._world = world
        self._directory = directory

    def create(
        self,
        project_id: str,
        environment: Environment | None,
        instance: Instance | None,
        mount_path: str,
        region: str | None = None,
    ) -> Volume:
        """A new volume; its name is generated. Without an environment it is nowhere, without an instance detached."""
        self._check_path(mount_path)
        self._check_free(instance)
        self._world.creations.take("volume", self._world.behaviour.creation_interval)
        volume = Volume(project_id, self._generated_name(instance))
        self._world.volumes[volume.id] = volume
        if environment is not None:
            service_id = instance.service_id if instance else None
            self._add(volume.id, environment, service_id, mount_path, region or DEFAULT_REGION)
        return volume

    def copy(self, source: Environment, made: Environment) -> None:
        """Give an environment an empty instance of each volume that another one has."""
        for each in self._world.volumes_in(source):
            if self._world.volumes[each.volume_id].deleted_at is None:
                self._add(each.volume_id, made, each.service_id, each.mount_path, each.region)

    def rename(self, volume: Volume, name: str) -> None:
        """Give the volume another name."""
        if not name:
            raise RailwayError(BAD_INPUT)
        volume.name = name

    def place(self, found: VolumeInstance, instance: Instance | None, mount_path: str | None) -> None:
        """Attach it to an instance or, with None, detach it; a mount path of None keeps. Deployments see it later."""
        path = found.mount_path if mount_path is None else mount_path
        self._check_path(path)
        if instance is not None and self._world.volume_of(instance) is not found:
            self._check_free(instance)
        found.service_id = instance.service_id if instance else None
        found.mount_path = path

    def delete(self, volume: Volume) -> None:
        """Delete the volume; it is listed for a moment yet, and then its files are gone."""
        volume.deleted_at = now()
        self._world.timers.after(self._world.speed.step, lambda: self._forget(volume))

    def delete_from(self, environment: Environment) -> None:
        """Delete what is in one environment; a volume goes with its last instance."""
        for found in self._world.volumes_in(environment):
            elsewhere = {each.environment_id for each in self._instances_of(found.volume_id)} - {environment.id}
            if elsewhere:
                self._drop(found)
            else:
                self.delete(self._world.volumes[found.volume_id])

    def state(self, volume: Volume) -> str:
        """READY or DELETING."""
        return "READY" if volume.deleted_at is None else "DELETING"

    def _generated_name(self, instance: Instance | None) -> str:
        owner = self._world.services[instance.service_id].name if instance else f"detached-{new_id()[:4]}"
        return f"{owner}-volume"

    def _check_path(self, path: str) -> None:
        if not path.startswith("/"):
            raise RailwayError(BAD_INPUT)

    def _check_free(self, instance: Instance | None) -> None:
        if instance is not None and self._world.volume_of(instance) is not None:
            raise RailwayError("A volume is already attached to this service")

    def _forget(self, volume: Volume) -> None:
        with self._world.lock:
            self._world.volumes.pop(volume.id, None)
            for found in self._instances_of(volume.id):
                self._drop(found)

    def _add(
        self, volume_id: str, environment: Environment, service_id: str | None, mount_path: str, region: str
    ) -> None:
        directory = self._directory / new_id()
        directory.mkdir(parents=True)
        made = VolumeInstance(volume_id, environment.id, service_id, mount_path, region, directory)
        self._world.volume_instances[made.id] = made

    def _drop(self, found: VolumeInstance) -> None:
        del self._world.volume_instances[found.id]
        shutil.rmtree(found.directory, ignore_errors=True)

    def _instances_of(self, volume_id: str) -> list[VolumeInstance]:
        return [each for each in self._world.volume_instances.values() if each.volume_id == volume_id]
