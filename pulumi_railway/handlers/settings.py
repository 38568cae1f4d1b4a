"""The settings of a service instance: what may be asked for, and whether Railway shows what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import environments, instances
from pulumi_railway.api.errors import NotFound, Refused
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.waiting import READ_BACK, pause

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context
    from pulumi_railway.handlers.checks import Inputs

_TEXTS: Final = ("rootDirectory", "buildCommand", "dockerfilePath", "railwayConfigFile", "cronSchedule", "startCommand")
_LISTS: Final = ("watchPatterns", "preDeployCommand")
_BOOLEANS: Final = ("sleepApplication", "ipv6EgressEnabled")
_MAPS: Final = ("multiRegionConfig", "nixpacksPlan")
_ENUMS: Final = {
    "builder": ("HEROKU", "NIXPACKS", "PAKETO", "RAILPACK"),
    "restartPolicyType": ("ALWAYS", "NEVER", "ON_FAILURE"),
}
_INTEGERS: Final = {
    "healthcheckTimeout": (1, 3600),
    "restartPolicyMaxRetries": (0, 1000),
    "numReplicas": (1, 200),
    "overlapSeconds": (0, 3600),
    "drainingSeconds": (0, 3600),
}

SETTINGS: Final = (*_TEXTS, "healthcheckPath", *_LISTS, *_BOOLEANS, *_MAPS, *_ENUMS, *_INTEGERS)
"""Every setting by Railway's own name."""

_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "builder": ("RAILPACK", "NIXPACKS"),
    "restartPolicyType": ("ON_FAILURE",),
    "restartPolicyMaxRetries": (10,),
    "healthcheckTimeout": (300,),
    "numReplicas": (1,),
}


def check(inputs: Inputs) -> None:
    """Validate the settings among the inputs."""
    for name in _TEXTS:
        inputs.text(name, required=False)
    inputs.text("healthcheckPath", required=False, shape=r"/\S*", wanted="a path that starts with /")
    for name in _LISTS:
        inputs.texts(name)
    for name in _BOOLEANS:
        inputs.boolean(name)
    for name in _MAPS:
        inputs.mapping(name)
    for name, members in _ENUMS.items():
        inputs.text(name, required=False, shape="|".join(members), wanted=f"one of {', '.join(members)}")
    for name, (low, high) in _INTEGERS.items():
        inputs.integer(name, low, high)


def wanted(inputs: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What to write: every setting among the inputs, and None for those the user took away since `before`."""
    cleared = {name: None for name in SETTINGS if name in before and name not in inputs}
    return cleared | {name: inputs[name] for name in SETTINGS if name in inputs}


def is_default(name: str, value: Any) -> bool:
    """Whether an instance nobody configured shows this value."""
    return value in (None, [], {}, False, "") or value in _DEFAULTS.get(name, ())


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values mean the same to Railway: it may add or drop slashes, and show one command as a text."""
    if name == "rootDirectory":
        return str(one or "").strip("/") == str(other or "").strip("/")
    if name == "preDeployCommand":
        return _as_list(one) == _as_list(other)
    return bool(one == other)


def live(context: Context, place: Place, *, regions: bool) -> tuple[instances.Instance, dict[str, Any]]:
    """The instance and its settings; `regions` asks for `multiRegionConfig` too, which takes a second read.

    Raises `NotFound` where there is no instance.
    """
    instance = instances.read(context.api, place)
    if instance.deleted:
        raise NotFound("serviceInstance", f"service {place.service_id} is being deleted")
    found = dict(instance.settings)
    if regions:
        config = environments.read(context.api, place.environment_id).config
        part = (config.get("services") or {}).get(place.service_id) or {}
        found["multiRegionConfig"] = (part.get("deploy") or {}).get("multiRegionConfig")
    return instance, found


def write(context: Context, place: Place, changes: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Write settings and read them back, for Railway agrees even to what has no effect.

    Raises `ResourceError` naming the fields that did not take, or the `RailwayError` of the write.
    """
    if not changes:
        return
    changes = _accepted(context, place, changes)
    problem = "it has no instance in this environment"
    for seconds in READ_BACK:
        pause(context, seconds)
        try:
            _, found = live(context, place, regions="multiRegionConfig" in changes)
        except NotFound:  # a new instance appears a moment after its service, and misses what was written before
            instances.update(context.api, place, changes)
            continue
        wrong = [name for name, value in changes.items() if not _took(name, value, found.get(name), before.get(name))]
        if not wrong:
            return
        problem = ", ".join(f"{name} (asked {changes[name]!r}, shows {found.get(name)!r})" for name in wrong)
    raise ResourceError(
        f"Railway agreed to the settings of service {place.service_id}, but they did not take: {problem}."
    )


def _accepted(context: Context, place: Place, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write; some instances refuse a health check before their first deployment, and then go without for that one."""
    try:
        instances.update(context.api, place, changes)
    except Refused as error:
        refused = error.message.startswith("Invalid input") and bool(changes.get("healthcheckPath"))
        if not refused or instances.read(context.api, place).deployed:
            raise
        rest = {name: value for name, value in changes.items() if name != "healthcheckPath"}
        instances.update(context.api, place, rest)
        context.log(
            "warning",
            "Railway refuses healthcheckPath before the first deployment; the other settings are written. "
            "Run `pulumi up --refresh` after it: that sets the path and deploys once more.",
        )
        return rest
    return changes


def _took(name: str, asked: Any, shown: Any, before: Any) -> bool:
    if asked is None:
        return is_default(name, shown) or not same(name, shown, before)
    return same(name, asked, shown)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
