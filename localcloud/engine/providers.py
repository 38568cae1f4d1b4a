"""Provider resources, default and explicit: the plugin instance behind each, and the CRUD of providers themselves."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from typing import Protocol

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import INTERNAL, Goal, with_plugin
from localcloud.engine.plugins import Plugins
from localcloud.engine.provider import Diff, Provider
from localcloud.engine.state import ResourceState

Register = Callable[[Goal], ResourceState]


class Crud(Protocol):
    """What the engine does with a resource of one kind; `Provider` and `ProviderResources` answer it."""

    def check(self, target: str, olds: Properties, news: Properties) -> Properties: ...  # noqa: D102
    def diff(self, target: str, old: ResourceState, news: Properties, ignore: tuple[str, ...]) -> Diff: ...  # noqa: D102
    def create(  # noqa: D102
        self, target: str, inputs: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]: ...
    def update(  # noqa: D102
        self,
        target: str,
        old: ResourceState,
        news: Properties,
        ignore: tuple[str, ...],
        *,
        timeout: float,
        preview: bool,
    ) -> Properties: ...
    def delete(self, old: ResourceState, timeout: float) -> None: ...  # noqa: D102


class ProviderResources:
    """Finds the provider of a resource, and does for provider resources what a plugin does for others."""

    def __init__(self, context: Context, plugins: Plugins) -> None:
        self._context = context
        self._plugins = plugins
        self._active: dict[str, Provider] = {}
        self._old: dict[str, Provider] = {}
        self._defaults: dict[str, ResourceState] = {}
        self._lock = threading.RLock()
        disabled = context.config.values.get("pulumi:disable-default-providers", "[]")
        self._disabled = set(json.loads(disabled)) if disabled.startswith("[") else set()

    def resolve(self, type_: str, reference: str, version: str, url: str, register: Register) -> tuple[Provider, str]:
        """(provider, reference) for a resource or function; no reference means the default provider."""
        if not reference:
            state = self._default(urn.package_of(type_), version, url, register)
            reference = f"{state.urn}::{state.id or codec.UNKNOWN_SENTINEL}"
        name, _ = urn.split_reference(reference)
        if name not in self._active:
            raise EngineError(f"The provider {name} is not registered in this run.")
        return self._active[name], reference

    def recorded(self, reference: str) -> Provider:
        """The provider that a recorded resource names, started from the state if this run did not register it."""
        name, id_ = urn.split_reference(reference)
        state = self._context.snapshot.find(name, id_) or self._context.snapshot.find(name)
        if state is None:
            raise EngineError(f"The state holds no provider {reference}.")
        with self._lock:
            if name in self._active and not state.delete:
                return self._active[name]
            if reference not in self._old:
                self._old[reference] = self._plugins.acquire(name, urn.package_of(state.type), _version(state.inputs))
                self._plugins.configure(self._old[reference], name, state.id, _config(state.inputs))
            return self._old[reference]

    def _default(self, package: str, version: str, url: str, register: Register) -> ResourceState:
        if "*" in self._disabled or package in self._disabled:
            raise EngineError(
                f"The default provider of {package} is disabled by pulumi:disable-default-providers: "
                "give the resource or function an explicit provider."
            )
        name = "_".join(["default", *re.findall(r"[A-Za-z0-9]+", f"{version} {url}")])
        with self._lock:
            if name + package not in self._defaults:
                self._defaults[name + package] = register(self._default_goal(package, name, version, url))
            return self._defaults[name + package]

    def _default_goal(self, package: str, name: str, version: str, url: str) -> Goal:
        type_ = f"{urn.PROVIDER_PREFIX}{package}"
        config = self._context.config
        inputs: Properties = {}
        for key, value in config.of(package).items():
            inputs[key] = codec.secret(value) if f"{package}:{key}" in config.secret else value
        name = urn.make(self._context.stack, self._context.project.name, "", type_, name)
        return Goal(urn=name, type=type_, custom=True, inputs=with_plugin(inputs, version, url))

    def check(self, target: str, olds: Properties, news: Properties) -> Properties:
        """Start the plugin and let it check its configuration; unknown values pass unchecked."""
        provider = self._plugins.acquire(target, urn.package_of(urn.type_of(target)), _version(news))
        self._active[target] = provider
        checked = provider.check_config(target, _config(olds), _config(news))
        return {**checked, **{key: value for key, value in news.items() if key in {"version", INTERNAL}}}

    def diff(self, target: str, old: ResourceState, news: Properties, ignore: tuple[str, ...]) -> Diff:
        """What a change of configuration means; the plugin is asked about unknown values too."""
        del ignore
        return self._active[target].diff_config(target, _config(old.inputs), _config(old.outputs), _config(news))

    def create(self, target: str, inputs: Properties, timeout: float, *, preview: bool) -> tuple[str, Properties]:
        """Configure the instance that `check` started."""
        del timeout
        id_ = "" if preview else str(uuid.uuid4())
        self.activate(target, id_, inputs)
        return id_, _config(inputs)

    def update(
        self,
        target: str,
        old: ResourceState,
        news: Properties,
        ignore: tuple[str, ...],
        *,
        timeout: float,
        preview: bool,
    ) -> Properties:
        """Configure anew; the id stays."""
        del ignore, timeout, preview
        self.activate(target, old.id, news)
        return _config(news)

    def delete(self, old: ResourceState, timeout: float) -> None:
        """Nothing outside the state belongs to a provider."""

    def activate(self, target: str, id_: str, inputs: Properties) -> None:
        """Configure the instance of `target`, unless a value of its configuration is unknown."""
        if not codec.contains_unknown(inputs):
            self._active[target] = self._plugins.configure(self._active[target], target, id_, _config(inputs))


def _config(inputs: Properties) -> Properties:
    return {key: value for key, value in inputs.items() if key != INTERNAL}


def _version(inputs: Properties) -> str:
    version = codec.unwrap(inputs.get("version"))
    return version if isinstance(version, str) else ""
