"""The environment config: the state of an environment as one JSON document, with Railway's names and nesting."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from localcloud.railway.errors import BAD_INPUT, RailwayError
from localcloud.railway.state.model import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from localcloud.railway.state.model import Environment, Instance, Variable
    from localcloud.railway.state.world import World

MASK = "*****"
BUILD = ("buildCommand", "dockerfilePath", "watchPatterns", "nixpacksPlan")
DEPLOY = (
    "startCommand",
    "preDeployCommand",
    "healthcheckPath",
    "healthcheckTimeout",
    "restartPolicyType",
    "restartPolicyMaxRetries",
    "numReplicas",
    "multiRegionConfig",
    "cronSchedule",
    "sleepApplication",
    "overlapSeconds",
    "drainingSeconds",
    "ipv6EgressEnabled",
)


def environment_config(world: World, environment: Environment, *, decrypt: bool) -> dict[str, Any]:
    """The config of an environment; values of variables are masked unless `decrypt`, sealed ones always."""
    services = {
        instance.service_id: instance_config(world, instance, decrypt=decrypt)
        for instance in world.instances.values()
        if instance.environment_id == environment.id and instance.deleted_at is None
    }
    shared = environment.variables.current.values()
    return {"services": services, "sharedVariables": {each.name: _variable(each, decrypt=decrypt) for each in shared}}


def instance_config(world: World, instance: Instance, *, decrypt: bool) -> dict[str, Any]:
    """One service in the config; what is at its default is left out."""
    settings = {name: value for name, value in instance.settings.current.items() if value != DEFAULT_SETTINGS[name]}
    source = {
        "repo": instance.source.repo,
        "branch": instance.source.branch,
        "image": instance.source.image,
        "commitSha": instance.source.commit,
        "rootDirectory": settings.get("rootDirectory"),
    }
    domain = world.domain_of(instance)
    return {
        "source": {name: value for name, value in source.items() if value is not None},
        "variables": {
            name: _variable(each, decrypt=decrypt) for name, each in sorted(instance.variables.current.items())
        },
        "build": {
            "builder": instance.settings.current["builder"],
            **{name: settings[name] for name in BUILD if name in settings},
        },
        "deploy": {name: settings[name] for name in DEPLOY if name in settings},
        "networking": {
            "serviceDomains": {domain.domain: {"port": domain.target_port}} if domain else {},
            "customDomains": {each.domain: {"port": each.target_port} for each in world.custom_domains_of(instance)},
        },
        **({"configFile": settings["railwayConfigFile"]} if "railwayConfigFile" in settings else {}),
    }


def etag(world: World, environment: Environment) -> str:
    """A token that changes with every change of the config."""
    config = environment_config(world, environment, decrypt=True)
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:32]


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with `change` laid over it, object by object; None stays, since it deletes."""
    result = dict(base)
    for name, value in change.items():
        old = result.get(name)
        result[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def masked(patch: dict[str, Any]) -> dict[str, Any]:
    """A patch without the values of its variables."""

    def hide(variables: Any) -> Any:
        return {name: value and {**value, "value": MASK} for name, value in variables.items()}

    result = dict(patch)
    if "sharedVariables" in patch:
        result["sharedVariables"] = hide(patch["sharedVariables"])
    services = patch.get("services", {})
    if services:
        result["services"] = {
            service_id: {**part, "variables": hide(part["variables"])} if "variables" in part else part
            for service_id, part in services.items()
        }
    return result


def check(patch: Any) -> dict[str, Any]:
    """The patch, if its form is one this Railway can apply. Raises "Invalid input" otherwise."""
    allowed = {"source", "variables", "build", "deploy", "configFile", "isDeleted"}
    if not isinstance(patch, dict) or patch.keys() - {"services", "sharedVariables"}:
        raise RailwayError(BAD_INPUT)
    _check_variables(patch.get("sharedVariables", {}))
    for part in _object(patch.get("services", {})).values():
        if _object(part).keys() - allowed:
            raise RailwayError(BAD_INPUT)
        _check_keys(part.get("source", {}), {"repo", "branch", "image", "commitSha", "rootDirectory"})
        _check_keys(part.get("build", {}), {"builder", *BUILD})
        _check_keys(part.get("deploy", {}), set(DEPLOY))
        _check_variables(part.get("variables", {}))
        if part.get("build", {}).get("builder") not in {None, "DOCKERFILE", "NIXPACKS", "RAILPACK"}:
            raise RailwayError(BAD_INPUT)
    return patch


def _check_variables(variables: Any) -> None:
    for value in _object(variables).values():
        if value is not None and not isinstance(_object(value).get("value"), str):
            raise RailwayError(BAD_INPUT)


def _check_keys(part: Any, allowed: set[str]) -> None:
    if _object(part).keys() - allowed:
        raise RailwayError(BAD_INPUT)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RailwayError(BAD_INPUT)
    return value


def _variable(variable: Variable, *, decrypt: bool) -> dict[str, Any]:
    value = variable.value if decrypt and not variable.is_sealed else MASK
    return {"value": value, **({"isSealed": True} if variable.is_sealed else {})}
