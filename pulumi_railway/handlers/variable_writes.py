"""Writing variables of a service without a deployment, and making sure that they took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_railway.api import environments, variables
from pulumi_railway.api.errors import AmbiguousResult, Refused
from pulumi_railway.errors import ResourceError
from pulumi_railway.handlers.waiting import BUSY, READ_BACK, pause

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place
    from pulumi_railway.handlers.base import Context


def write(
    context: Context, place: Place, values: Mapping[str, str], removed: Collection[str], left: Collection[str] = ()
) -> None:
    """Set `values` in one call, take `removed` away, and read back. Raises `ResourceError` naming what did not take.

    `left` are variables whose removal an earlier run may have staged and not committed: of `values` it is discarded.
    """
    removed = set(removed) - set(values)
    staged = _staged(context, place, {*removed, *values}) if removed or left else set()
    if values:
        variables.upsert(context.api, place, values)
    if removed:
        remove(context, place, removed, merge=staged <= removed)
    elif staged:
        _discard(context, place, staged)
    _read_back(context, place, values, removed)


def staged_removals(context: Context, place: Place, managed: Collection[str]) -> set[str]:
    """The variables among `managed` whose removal is staged and not committed."""
    _, patch = _staged_changes(context, place) if managed else (0, {})
    return {name for name, change in _variables(place, patch).items() if name in managed and change is None}


def remove(context: Context, place: Place, names: Collection[str], *, merge: bool = True) -> None:
    """Take variables away through staged changes: the only way in Railway's API that deploys nothing.

    Without `merge` what is staged already gives way.
    """
    patch = _removal(place, names)
    staged = environments.stage(context.api, place.environment_id, patch, merge=merge)
    if _without_empty(staged) != patch:
        raise ResourceError(
            f"Somebody staged other changes in environment {place.environment_id} just now, so the removal of "
            f"{', '.join(sorted(names))} is staged but not committed. Apply or discard them in Railway, then run again."
        )
    _commit(context, place, f"Remove {', '.join(sorted(names))}")


def _commit(context: Context, place: Place, message: str) -> None:
    """Commit what is staged; Railway refuses that for a moment while it applies what was committed before."""
    refusal: Refused | None = None
    for seconds in BUSY:
        pause(context, seconds)
        try:
            environments.commit_staged(context.api, place.environment_id, message)
        except AmbiguousResult as error:
            context.log("warning", f"{error} Reading back what happened.")
        except Refused as error:
            refusal = error
            if "try again" not in error.message:
                raise
            continue
        return
    raise ResourceError(
        f"Railway still applies an earlier change of environment {place.environment_id}, so this one is staged but "
        f"not committed ({refusal}). Run again."
    ) from refusal


def _discard(context: Context, place: Place, staged: Collection[str]) -> None:
    """Take back what is staged, which is nothing but the removal of variables that are wanted."""
    names = ", ".join(sorted(staged))
    if _without_empty(environments.stage(context.api, place.environment_id, {}, merge=False)):
        raise ResourceError(
            f"The removal of {names} is still staged in environment {place.environment_id}, and applying it would take "
            "away what the program asks for. Discard it in Railway, then run again."
        )
    context.log(
        "warning", f"The removal of {names} was staged and never applied; it is discarded, as it is not asked for."
    )


def _removal(place: Place, names: Collection[str]) -> dict[str, Any]:
    return {"services": {place.service_id: {"variables": dict.fromkeys(sorted(names))}}}


def _staged(context: Context, place: Place, managed: Collection[str]) -> set[str]:
    """The variables whose removal an earlier run of ours staged and did not commit: `managed` names, nothing else.

    Raises `ResourceError` where anything else is staged.
    """
    count, staged = _staged_changes(context, place)
    part = _variables(place, staged)
    if staged and not (set(part) <= set(managed) and staged == _removal(place, part)):
        raise ResourceError(
            f"Environment {place.environment_id} has {count} staged change(s) nobody applied yet, and Railway applies "
            "or discards all that is staged at once. Do either there, then run again; nothing was changed."
        )
    return set(part)


def _staged_changes(context: Context, place: Place) -> tuple[int, dict[str, Any]]:
    """How many changes nobody applied yet, and all of them."""
    count = environments.read(context.api, place.environment_id).staged_changes
    return count, _without_empty(environments.staged(context.api, place.environment_id)) if count else {}


def _variables(place: Place, patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables of the service in a patch."""
    found: Mapping[str, Any] = patch.get("services", {}).get(place.service_id, {}).get("variables", {})
    return found


def _read_back(context: Context, place: Place, values: Mapping[str, str], removed: Collection[str]) -> None:
    missing: list[str] = []
    present: list[str] = []
    for seconds in READ_BACK:
        pause(context, seconds)
        live = variables.read(context.api, place)
        missing = [name for name, value in values.items() if live.get(name) not in {value, None} or name not in live]
        present = [name for name in removed if name in live]
        if not missing and not present:
            return
    problems = [f"not set: {', '.join(sorted(missing))}"] * bool(missing) + [
        f"not removed: {', '.join(sorted(present))}"
    ] * bool(present)
    raise ResourceError(
        f"Railway agreed to the variables of service {place.service_id}, but they did not take: {'; '.join(problems)}. "
        "Nothing was deployed; run again."
    )


def _without_empty(patch: Mapping[str, Any]) -> dict[str, Any]:
    """A patch without its empty objects, which mean no change."""
    cleaned = {name: _without_empty(value) if isinstance(value, Mapping) else value for name, value in patch.items()}
    return {name: value for name, value in cleaned.items() if value != {}}
