"""The state of a stack in Pulumi's deployment format, version 3, which `pulumi stack import` takes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties, Value
from localcloud.engine.errors import EngineError

VERSION: Final = 3
ENGINE_VERSION: Final = "localcloud"

Encrypt = Callable[[str, str], str]
"""(URN of the resource, JSON text) -> cipher text."""
Decrypt = Callable[[str, str], str]
"""(URN of the resource, cipher text) -> JSON text."""


@dataclass(frozen=True, eq=False)
class ResourceState:
    """One resource as recorded. Timeouts are in seconds; `provider` is `URN::ID`; names follow the file format.

    Compared by identity: two entries of one URN may exist while the resource is being replaced.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    init_errors: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None
    aliases: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that only the Pulumi CLI writes; kept as they are."""

    def referenced(self) -> set[str]:
        """The URNs that must outlive this resource: provider, parent, dependencies and `deleted_with`."""
        urns = {self.parent, self.deleted_with, urn.split_reference(self.provider)[0], *self.dependencies}
        urns.update(*self.property_dependencies.values())
        return urns - {""}


@dataclass(frozen=True)
class PendingOperation:
    """A call to a provider whose end was not recorded; `type` is creating, updating, deleting or reading."""

    resource: ResourceState
    type: str


@dataclass(frozen=True)
class Deployment:
    """Everything a stack's state file holds."""

    resources: tuple[ResourceState, ...] = ()
    pending: tuple[PendingOperation, ...] = ()
    secrets_provider: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


NAMES: Final = {
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "init_errors": "initErrors",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "replacement_trigger": "replacementTrigger",
}
FIELDS: Final = {
    member.name: NAMES.get(member.name, member.name)
    for member in dataclasses.fields(ResourceState)
    if member.name != "extra"
}
LISTS: Final = frozenset(
    {
        "dependencies",
        "init_errors",
        "additional_secret_outputs",
        "ignore_changes",
        "replace_on_changes",
        "aliases",
    }
)
REQUIRED: Final = ("urn", "type", "custom")
PROPERTIES: Final = frozenset({"inputs", "outputs", "replacement_trigger"})


EMPTY: Final = ResourceState("", "", custom=False)
"""What a field holds where an entry of the file does not name it."""


def now() -> str:
    """The present in RFC 3339, UTC."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def to_json(deployment: Deployment, encrypt: Encrypt) -> dict[str, Any]:
    """The document for the state file. Raises `EngineError` from `encrypt` where a secret cannot be encrypted."""
    body: dict[str, Any] = {
        "manifest": {
            "time": now(),
            "magic": hashlib.sha256(ENGINE_VERSION.encode()).hexdigest(),
            "version": ENGINE_VERSION,
        }
    }
    if deployment.secrets_provider:
        body["secrets_providers"] = dict(deployment.secrets_provider)
    body["resources"] = [resource_to_json(state, encrypt) for state in deployment.resources]
    if deployment.pending:
        body["pending_operations"] = [
            {"resource": resource_to_json(operation.resource, encrypt), "type": operation.type}
            for operation in deployment.pending
        ]
    body["metadata"] = dict(deployment.metadata)
    return {"version": VERSION, "deployment": body}


def resource_to_json(state: ResourceState, encrypt: Encrypt) -> dict[str, Any]:
    """One entry of `resources`; empty values are left out."""
    document: dict[str, Any] = {}
    for name, key in FIELDS.items():
        value = getattr(state, name)
        if name in PROPERTIES:
            value = _property_to_json(value, partial(encrypt, state.urn))
        if name in REQUIRED or value != getattr(EMPTY, name):
            document[key] = list(value) if name in LISTS else value
    if state.property_dependencies:
        document["propertyDependencies"] = {key: list(urns) for key, urns in state.property_dependencies.items()}
    return {**document, **state.extra}


def _property_to_json(value: Value, encrypt: Callable[[str], str]) -> Any:
    if isinstance(value, codec.Secret):
        text = codec.json_text(value.value)
        return {codec.SIGNATURE: codec.SECRET_SIGNATURE, "ciphertext": encrypt(text)}
    if isinstance(value, list):
        return [_property_to_json(item, encrypt) for item in value]
    if isinstance(value, dict):
        return {key: _property_to_json(item, encrypt) for key, item in value.items()}
    if value is codec.UNKNOWN:
        raise EngineError("A value that is not known yet reached the state; this is a defect of the engine.")
    return value


def from_json(document: Mapping[str, Any], decrypt: Decrypt) -> Deployment:
    """Read a state document. Raises `EngineError` for another format version or a damaged document."""
    version = document.get("version")
    if version != VERSION:
        raise EngineError(f"the state has format version {version}; the embedded engine reads version {VERSION}")
    try:
        body = document.get("deployment") or {}
        _check_manifest(body.get("manifest") or {})
        return Deployment(
            resources=tuple(resource_from_json(entry, decrypt) for entry in body.get("resources") or ()),
            pending=tuple(
                PendingOperation(resource_from_json(entry["resource"], decrypt), entry["type"])
                for entry in body.get("pending_operations") or ()
            ),
            secrets_provider=body.get("secrets_providers"),
            metadata=body.get("metadata") or {},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EngineError(f"the state is damaged: {type(error).__name__} {error}") from error


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    magic, version = manifest.get("magic") or "", manifest.get("version") or ""
    if magic and magic != hashlib.sha256(version.encode()).hexdigest():
        raise EngineError("the state is damaged: its manifest's magic does not fit its version")


def resource_from_json(entry: Mapping[str, Any], decrypt: Decrypt) -> ResourceState:
    """One entry of `resources`. Raises `TypeError` for a field that is none of its type."""
    _check_types(entry)
    known: dict[str, Any] = {name: entry[key] for name, key in FIELDS.items() if key in entry}
    for name in known.keys() & PROPERTIES:
        known[name] = _property_from_json(known[name], partial(decrypt, entry["urn"]))
    for name in known.keys() & LISTS:
        known[name] = tuple(known[name] or ())
    if "property_dependencies" in known:
        found = known["property_dependencies"] or {}
        known["property_dependencies"] = {key: tuple(urns or ()) for key, urns in found.items()}
    extra = {key: value for key, value in entry.items() if key not in FIELDS.values()}
    return ResourceState(**{name: entry[name] for name in REQUIRED}, **_without_required(known), extra=extra)


def _check_types(entry: Mapping[str, Any]) -> None:
    for name, key in FIELDS.items():
        required = name in REQUIRED
        value = entry[key] if required else entry.get(key)
        wanted = object if name == "replacement_trigger" else type(getattr(EMPTY, name))
        if name in LISTS:
            _check_texts(key, value)
        elif (required or value is not None) and not isinstance(value, wanted):
            raise TypeError(f"{key} is of type {type(value).__name__}, not {wanted.__name__}")
    for key, urns in (entry.get("propertyDependencies") or {}).items():
        _check_texts(f"propertyDependencies.{key}", urns)


def _check_texts(name: str, value: Any) -> None:
    if not isinstance(value, list | None) or not all(isinstance(item, str) for item in value or ()):
        raise TypeError(f"{name} is no list of texts")


def _without_required(known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in REQUIRED and value is not None}


def _property_from_json(value: Any, decrypt: Callable[[str], str]) -> Value:
    if isinstance(value, list):
        return [_property_from_json(item, decrypt) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return codec.number(value)
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]  # null, bool or text
    if value.get(codec.SIGNATURE) == codec.SECRET_SIGNATURE:
        text = value["plaintext"] if "plaintext" in value else decrypt(value["ciphertext"])
        return codec.secret(_property_from_json(json.loads(text), decrypt))
    if codec.SIGNATURE in value:
        raise codec.refusal(str(value[codec.SIGNATURE]))
    return {key: _property_from_json(item, decrypt) for key, item in value.items()}


def validate(deployment: Deployment, stack: str) -> None:
    """Check the rules that an import into the Pulumi CLI checks: stack, uniqueness and order. Raises `EngineError`."""
    seen: set[str] = set()
    live: set[str] = set()
    for state in deployment.resources:
        if urn.stack_of(state.urn) != stack:
            raise EngineError(f"{state.urn} belongs to the stack {urn.stack_of(state.urn)}, not to {stack}")
        if state.urn in live and not state.delete:
            raise EngineError(f"the state is damaged: {state.urn} occurs twice")
        missing = sorted(state.referenced() - seen)
        if missing:
            raise EngineError(f"the state is damaged: {state.urn} refers to {missing[0]}, which does not precede it")
        seen.add(state.urn)
        if not state.delete:
            live.add(state.urn)
