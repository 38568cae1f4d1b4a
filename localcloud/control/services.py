"""What the control API does with each service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.control.parts import Parts
from localcloud.control.request import Body, ControlError
from localcloud.core.faults import ANY
from localcloud.github.operations import OPERATIONS as GITHUB
from localcloud.models.behaviour import Behaviour
from localcloud.secret_manager.operations import OPERATIONS as SECRET_MANAGER
from localcloud.secret_manager.store import State

Json = Any
Path = Mapping[str, str]

# The operations that faults can be injected into; Railway's are the fields of its schema and are not listed.
OPERATIONS: Mapping[str, frozenset[str] | None] = {
    "railway": None,
    "secret_manager": frozenset({ANY, *(operation.name for operation in SECRET_MANAGER)}),
    "github": frozenset({ANY, *(operation.name for operation in GITHUB)}),
}
RAILWAY_ACTIONS = frozenset({"graphql_error", "null_data", "revoke_token"})


def seed(parts: Parts, _path: Path, body: Body) -> Json:
    """Add secrets, repository variables, behaviours of models and whatever Railway knows to seed."""
    if unknown := sorted(body.value.keys() - {"secrets", "variables", "models", "railway"}):
        raise ControlError(f"nothing to seed under {', '.join(unknown)}")
    behaviours = {name: Behaviour.from_json(value) for name, value in (body.get("models", dict) or {}).items()}
    for name, payload in (body.get("secrets", dict) or {}).items():
        if name not in parts.secret_manager.store.names():
            parts.secret_manager.store.create(name)
        parts.secret_manager.add_version(name, payload)
    for name, value in (body.get("variables", dict) or {}).items():
        _put_variable(parts, name, value)
    for provider, behaviour in behaviours.items():
        parts.models.behave(provider, behaviour)
    parts.railway.seed(body.get("railway", dict) or {})


def secrets(parts: Parts, _path: Path, _body: Body) -> Json:
    """Name -> version -> state."""
    store = parts.secret_manager.store
    return {
        name: {str(version.number): version.state.name for version in reversed(store.versions(name))}
        for name in store.names()
    }


def add_version(parts: Parts, path: Path, body: Body) -> Json:
    """The name and number of the new version."""
    return {"name": path["name"], "version": parts.secret_manager.add_version(path["name"], body.get("payload", str))}


def enable(parts: Parts, path: Path, _body: Body) -> Json:
    """Enable a version."""
    parts.secret_manager.store.set_state(path["name"], path["version"], State.ENABLED)


def disable(parts: Parts, path: Path, _body: Body) -> Json:
    """Disable a version."""
    parts.secret_manager.store.set_state(path["name"], path["version"], State.DISABLED)


def destroy(parts: Parts, path: Path, _body: Body) -> Json:
    """Destroy a version."""
    parts.secret_manager.store.set_state(path["name"], path["version"], State.DESTROYED)


def delete_secret(parts: Parts, path: Path, _body: Body) -> Json:
    """Delete a secret."""
    parts.secret_manager.store.delete(path["name"])


def variables(parts: Parts, _path: Path, _body: Body) -> Json:
    """Name -> value of the repository variables."""
    return parts.github.variables()


def set_variable(parts: Parts, _path: Path, body: Body) -> Json:
    """Set a repository variable, or delete it."""
    _put_variable(parts, body.need("name", str), body.nullable("value", str))


def _put_variable(parts: Parts, name: str, value: str | None) -> None:
    store = parts.github.store
    if name.upper() not in parts.github.variables():
        store.create(name, value)
    elif value is None:
        store.delete(name)
    else:
        store.update(name, None, value)


def models(parts: Parts, _path: Path, _body: Body) -> Json:
    """Every provider."""
    return parts.models.to_json()


def behave(parts: Parts, path: Path, body: Body) -> Json:
    """Let a provider behave otherwise."""
    parts.models.behave(path["provider"], Behaviour.from_json(body.value))


def deployments(parts: Parts, _path: Path, _body: Body) -> Json:
    """Every deployment."""
    return parts.railway.deployments()


def railway_state(parts: Parts, _path: Path, _body: Body) -> Json:
    """What Railway holds."""
    return parts.railway.state()


def edit_variable(parts: Parts, _path: Path, body: Body) -> Json:
    """Set a variable in the dashboard, or delete it."""
    parts.railway.edit_variable(body.need("service", str), body.need("name", str), body.nullable("value", str))


def edit_setting(parts: Parts, _path: Path, body: Body) -> Json:
    """Set a setting in the dashboard."""
    parts.railway.edit_setting(body.need("service", str), body.need("name", str), body.nullable("value", object))


def delete_service(parts: Parts, path: Path, _body: Body) -> Json:
    """Delete a service in the dashboard."""
    parts.railway.delete_service(path["service"])


def set_dns(parts: Parts, _path: Path, body: Body) -> Json:
    """Set a DNS record, or take it away."""
    parts.railway.set_dns(body.need("name", str), body.need("type", str), body.nullable("value", str))


def push(parts: Parts, _path: Path, _body: Body) -> Json:
    """Push to the branch."""
    return {"deployments": parts.railway.push()}


def release(parts: Parts, path: Path, _body: Body) -> Json:
    """Let a held deployment go on."""
    parts.railway.release(path["id"])


def plant_log(parts: Parts, path: Path, body: Body) -> Json:
    """Add a line to a log."""
    parts.railway.plant_log(path["id"], body.need("line", str), build=body.get("build", bool) or False)
