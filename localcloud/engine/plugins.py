"""The plugins of a run: one process and connection per provider, kept from the preview for the update after it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.engine import environment
from localcloud.engine.codec import Properties
from localcloud.engine.launch import Launcher
from localcloud.engine.project import StackConfig
from localcloud.engine.provider import Provider


@dataclass
class _Instance:
    provider: Provider
    package: str
    version: str
    configured_with: Properties = field(default_factory=dict)
    in_use: bool = True


class Plugins:
    """Starts, connects and stops plugins. A configured instance is used again where the configuration is the same."""

    def __init__(self, launcher: Launcher, config: StackConfig, engine_address: str, directory: Path) -> None:
        self._launcher = launcher
        self._config = config
        self._engine_address = engine_address
        self._directory = directory
        self._instances: list[tuple[str, _Instance]] = []
        self._lock = threading.Lock()

    def next_phase(self) -> None:
        """Every instance may be taken again."""
        for _, instance in self._instances:
            instance.in_use = False

    def acquire(self, urn: str, package: str, version: str) -> Provider:
        """An instance for the provider `urn`: that of the phase before where there is one, else a new one."""
        with self._lock:
            for owner, instance in self._instances:
                if owner == urn and not instance.in_use and (instance.package, instance.version) == (package, version):
                    instance.in_use = True
                    return instance.provider
        return self._new(urn, package, version).provider

    def configure(self, provider: Provider, urn: str, id_: str, inputs: Properties) -> Provider:
        """A provider with that configuration: the given one, or a new one where it has another already."""
        instance = next(instance for _, instance in self._instances if instance.provider is provider)
        if provider.configured and instance.configured_with == inputs:
            return provider
        if provider.configured:
            instance = self._new(urn, instance.package, instance.version)
        instance.provider.configure(urn, id_, inputs)
        instance.configured_with = inputs
        return instance.provider

    def cancel(self) -> None:
        """Ask every plugin to end what it is doing."""
        threads = [threading.Thread(target=instance.provider.cancel) for _, instance in self._instances]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Cancel, disconnect and stop everything."""
        self.cancel()
        for _, instance in self._instances:
            instance.provider.close()
        self._instances.clear()
        self._launcher.stop()

    def _new(self, urn: str, package: str, version: str) -> _Instance:
        port = environment.debug_providers().get(package)
        if port is None:
            config = json.dumps(self._config.of(package))
            process = self._launcher.start(package, version, config)
            provider = Provider(package, f"127.0.0.1:{process.port()}", process.end)
        else:
            provider = Provider(package, f"127.0.0.1:{port}", lambda: "")
            provider.attach(self._engine_address)
        provider.handshake(self._engine_address, str(self._directory))
        instance = _Instance(provider, package, version)
        with self._lock:
            self._instances.append((urn, instance))
        return instance
