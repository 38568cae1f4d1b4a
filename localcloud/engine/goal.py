"""What the program wants of one resource: the registration request, decoded, with what is not supported refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties, Value
from localcloud.engine.errors import EngineError
from localcloud.engine.state import ResourceState, now

DURATION_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
DURATION_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
REFUSED: Final = {
    "remote": "remote components",
    "replace_with": "the option replace_with",
    "transforms": "the option transforms",
    "state_migrations": "the option state_migrations",
    "packageRef": "parameterized packages",
    "envVarMappings": "the option env_var_mappings",
}
REFUSED_HOOKS: Final = "resource hooks"
BUILTIN: Final = "pulumi"
INTERNAL: Final = "__internal"
"""The input of a provider that is for the engine alone."""


@dataclass(frozen=True)
class Goal:
    """A resource as the program describes it. Timeouts are in seconds; `provider` is `URN::ID` or empty.

    `protect`, `retain_on_delete` and `delete_before_replace` are `None` where the program says nothing.
    """

    urn: str
    type: str
    custom: bool
    inputs: Properties = field(default_factory=dict)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    plugin_download_url: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None
    import_id: str = ""
    aliases: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)

    def timeout(self, operation: str) -> float:
        """Seconds the program allows for create, update, delete or read; 0 for the provider's own limit."""
        return self.custom_timeouts.get(operation, 0.0)

    def state(self, id_: str, inputs: Properties, outputs: Properties, old: ResourceState | None) -> ResourceState:
        """The state to record once the resource is there; `created` and `modified` follow from `old`."""
        return ResourceState(
            urn=self.urn,
            type=self.type,
            custom=self.custom,
            id=id_,
            inputs=inputs,
            outputs=self._with_secret_outputs(outputs),
            parent=self.parent,
            dependencies=self.dependencies,
            property_dependencies=self.property_dependencies,
            provider=self.provider,
            protect=bool(self.protect),
            additional_secret_outputs=self.additional_secret_outputs,
            custom_timeouts=self.custom_timeouts,
            import_id="" if self.import_id == id_ else self.import_id,  # the id itself says it already
            retain_on_delete=bool(self.retain_on_delete),
            deleted_with=self.deleted_with,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
            replacement_trigger=self.replacement_trigger,
            created=old.created if old else now(),
            modified=now(),
            extra=old.extra if old else {},
        )

    def unchanged(self, old: ResourceState, inputs: Properties) -> ResourceState:
        """The state after a run that found nothing to do: old id and outputs, new inputs and options."""
        new = self.state(old.id, inputs, old.outputs, old)
        return dataclasses.replace(new, modified=old.modified)

    def _with_secret_outputs(self, outputs: Properties) -> Properties:
        hidden = set(self.additional_secret_outputs)
        return {key: codec.secret(value) if key in hidden else value for key, value in outputs.items()}


def from_request(request: Any, stack: str, project: str) -> Goal:
    """The goal in a `RegisterResourceRequest`. Raises `EngineError` for what the embedded engine does not support."""
    name = urn.make(stack, project, request.parent, request.type, request.name)
    _refuse_unsupported(request)
    return Goal(
        urn=name,
        type=request.type,
        custom=request.custom,
        inputs=_inputs(request),
        parent=request.parent,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={key: tuple(sorted(item.urns)) for key, item in request.propertyDependencies.items()},
        provider=request.provider,
        providers=dict(request.providers),
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        replacement_trigger=_trigger(request),
        import_id=request.importId,
        aliases=tuple(request.aliasURNs),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        custom_timeouts=_timeouts(request.customTimeouts),
    )


def _refuse_unsupported(request: Any) -> None:
    used = [what for field_, what in REFUSED.items() if getattr(request, field_)]
    if request.hooks.ListFields():
        used.append(REFUSED_HOOKS)
    if used:
        raise EngineError(f"the embedded engine does not support {' or '.join(used)}; use the Pulumi CLI.")
    if request.custom and not urn.is_provider(request.type):
        refuse_builtin(request.type)


def refuse_builtin(token: str) -> None:
    """Raise `EngineError` for a type or function of the package `pulumi`, which the CLI serves itself."""
    if urn.package_of(token) == BUILTIN:
        raise EngineError(f"the embedded engine does not support {token}; use the Pulumi CLI.")


def _trigger(request: Any) -> Value:
    return codec.decode_value(request.replacement_trigger) if request.HasField("replacement_trigger") else None


def _timeouts(timeouts: Any) -> dict[str, float]:
    texts = {operation: getattr(timeouts, operation) for operation in ("create", "update", "delete", "read")}
    return {operation: _seconds(text, f"custom_timeouts.{operation}") for operation, text in texts.items() if text}


def _seconds(text: str, where: str) -> float:
    """Seconds of a duration like `1h30m`."""
    parts = DURATION_PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise EngineError(f"{where} is {text!r}; it must be a duration like 90s, 5m or 1h30m.")
    return sum(float(number) * DURATION_UNITS[unit] for number, unit in parts)


def _inputs(request: Any) -> Properties:
    inputs = codec.decode(request.object)
    if request.type.startswith(urn.PROVIDER_PREFIX):
        return with_plugin(inputs, request.version, request.pluginDownloadURL)
    return inputs


def with_plugin(inputs: Properties, version: str, url: str) -> Properties:
    """The inputs of a provider, and which plugin it asks for: as the CLI records it, neither where it asks for none."""
    asked: Properties = {"version": version, INTERNAL: {}} if version else {}
    if url:
        asked[INTERNAL] = {"pluginDownloadURL": url}
    return {**inputs, **asked}
