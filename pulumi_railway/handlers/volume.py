"""`railway:index:Volume`: the disk of a service, never deleted without consent."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from pulumi_railway.api import project_environments, volumes
from pulumi_railway.api.errors import AmbiguousResult, NotFound
from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import checks, identity, imports
from pulumi_railway.handlers.base import UNKNOWN, Checked, Context, Diff, PartialFailure, Properties, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.presence import environment_is_gone
from pulumi_railway.handlers.waiting import READ_BACK, await_read, pause

if TYPE_CHECKING:
    from pulumi_railway.api.place import Place
    from pulumi_railway.api.volumes import Volume

_COMPARED: Final = ("serviceId", "mountPath", "name", "allowDestroy")
_REPLACED: Final = ("projectId", "environmentId", "region")


class VolumeHandler:
    """A service has one volume at most: one at the same path is taken over with a warning, another one is refused."""

    token = "railway:index:Volume"  # noqa: S105 - a type token

    def check(self, olds: Properties | None, news: Properties) -> Checked:  # noqa: ARG002 - the contract of handlers
        """A path, perhaps a name and a region; `allowDestroy` is false where it is absent."""
        inputs = checks.Inputs(news, (*identity.PLACE_INPUTS, "mountPath", "name", "region", "allowDestroy"))
        checks.place(inputs)
        inputs.text("mountPath", shape=r"/\S+", wanted="an absolute path, e.g. /data")
        inputs.text("name", required=False, shape=r"\S(.*\S)?", wanted="a name")
        inputs.text("region", required=False, shape=r"[a-z0-9-]+", wanted="a region of Railway, e.g. us-west2")
        inputs.boolean("allowDestroy")
        checked = inputs.result()
        return Checked({"allowDestroy": False, **checked.inputs}, checked.failures)

    def diff(self, old: State, news: Properties) -> Diff:
        """Service, path and name change in place; a name or region that is no longer asked for is kept.

        The old volume goes first, so that nothing was made yet where its deletion is refused.
        """
        kept = {name for name in ("name", "region") if name not in news}
        compared = [name for name in _COMPARED if name not in kept]
        found = diff(old, news, compared=compared, replaced=[name for name in _REPLACED if name not in kept])
        return dataclasses.replace(found, delete_before_replace=bool(found.replaces))

    def preview(self, context: Context, old: State | None, news: Properties) -> Properties:
        """An existing volume keeps its name and region unless others are asked for; what would be taken over is told.

        One that does not fit may be that which is replaced, so it is the business of the real run.
        """
        if old is None and context.api.has_token and UNKNOWN not in [news[name] for name in identity.PLACE_INPUTS]:
            self._announce(context, identity.from_inputs(news), news)
        before: Properties = old.outputs if old else {}
        kept = {name: before.get(name, UNKNOWN) for name in ("volumeId", "name", "region")}
        return {**kept, **news}

    def create(self, context: Context, inputs: Properties) -> State:
        """Use the volume that is there at that path, else make one; then set its name."""
        place = identity.from_inputs(inputs)
        found = self._existing(context, place, inputs) or self._new(context, place, inputs)
        return self._adjusted(context, place, found, inputs)

    def read(self, context: Context, old: State) -> State | None:
        """The live volume; of name and region only what was asked for, but on an import both."""
        project_id, environment_id, volume_id = imports.volume_of(context, old)
        found = self._live(context, project_id, environment_id, volume_id)
        if found is None:
            return None
        live = {"serviceId": found.service_id, "mountPath": found.mount_path}
        live |= {name: value for name, value in _details(found).items() if name in old.inputs or not old.inputs}
        inputs: dict[str, Any] = {name: value for name, value in live.items() if value is not None}
        inputs |= {"projectId": project_id, "environmentId": environment_id}
        return _state(found, {**inputs, "allowDestroy": old.inputs.get("allowDestroy", False)})

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Move and rename it; `allowDestroy` is written to the state alone."""
        place = identity.from_inputs(inputs)
        _, _, volume_id = identity.volume_of(old.id)
        found = _by_id(volumes.read(context.api, place.environment_id), volume_id)
        if found is None:
            raise ResourceError(f"Volume {volume_id} is gone. Run `pulumi up --refresh`, which makes a new one.")
        return self._adjusted(context, place, found, inputs)

    def delete(self, context: Context, old: State) -> None:
        """Delete it where `allowDestroy` was set by an earlier run."""
        project_id, environment_id, volume_id = identity.volume_of(old.id)
        found = self._live(context, project_id, environment_id, volume_id)
        if found is None:
            return
        if not old.inputs.get("allowDestroy"):
            raise ResourceError(
                f"Volume {found.name} ({volume_id}), mounted at {found.mount_path}, would be lost with everything in "
                "it; nothing was deleted. Set allowDestroy to true and run up, then delete it. Railway can restore it "
                "for 48 hours."
            )
        self._check_alone(context, project_id, environment_id, found)
        volumes.delete(context.api, volume_id)
        context.log("warning", f"Volume {found.name} ({volume_id}) was deleted. Railway can restore it for 48 hours.")

    def _check_alone(self, context: Context, project_id: str, environment_id: str, found: Volume) -> None:
        """Railway deletes a volume wherever it is, and a copied environment has those of its source."""
        there = project_environments.read(context.api, project_id)
        family = project_environments.family(there, environment_id)
        shared = [each.name for each in family if _has(context, each.id, found.id)]
        if shared:
            raise ResourceError(
                f"Volume {found.name} ({found.id}) may be in {', '.join(shared)} too, and Railway would delete it "
                "there as well; nothing was deleted. Delete those environments first, or keep it with "
                "`retain_on_delete`: what a copied environment has goes with that."
            )

    def _live(self, context: Context, project_id: str, environment_id: str, volume_id: str) -> Volume | None:
        """The volume; None where it is gone, or its environment with it."""
        try:
            return _by_id(volumes.read(context.api, environment_id), volume_id)
        except NotFound:
            if environment_is_gone(context, project_id, environment_id):
                return None
            raise

    def _announce(self, context: Context, place: Place, news: Properties) -> None:
        try:
            found = _of_service(volumes.read(context.api, place.environment_id), place)
        except NotFound:
            return  # Nothing is there to take over; what is wrong with the environment is told by what is made in it.
        if found and _fits(found, news):
            context.log("warning", _taken_over(found, news))

    def _existing(self, context: Context, place: Place, inputs: Properties) -> Volume | None:
        """What a run that was cut off has made, or somebody else: a volume cannot say whose it is."""
        found = _of_service(volumes.read(context.api, place.environment_id), place)
        if found is None:
            return None
        if _fits(found, inputs):
            context.log("warning", _taken_over(found, inputs))
            return found
        raise ResourceError(
            f"Service {place.service_id} has the volume {found.name} ({found.id}) at {found.mount_path} in region "
            f"{found.region}, and no service has two. Import it as {_identity(inputs, found)}, or detach it; nothing "
            "was changed."
        )

    def _new(self, context: Context, place: Place, inputs: Properties) -> Volume:
        made = ""
        try:
            made = volumes.create(context.api, place, inputs["mountPath"], inputs.get("region"))
        except AmbiguousResult as error:
            context.log("warning", f"{error} Looking whether the volume was made.")
        if found := await_read(context, lambda: _of_service(volumes.read(context.api, place.environment_id), place)):
            return found
        told = f"though Railway says it made {made}" if made else "so none seems to be made"
        raise ResourceError(f"Service {place.service_id} shows no volume, {told}: run again.")

    def _adjusted(self, context: Context, place: Place, found: Volume, inputs: Properties) -> State:
        """Service, path and name as asked, read back where they had to be changed."""
        name = inputs.get("name", found.name)
        wanted = dataclasses.replace(found, name=name, service_id=place.service_id, mount_path=inputs["mountPath"])
        self._check_region(found, inputs)
        if found == wanted:
            return _state(found, inputs)
        try:
            self._write(context, place, found, wanted)
        except UserError as error:
            raise PartialFailure(_state(found, inputs), [f"Volume {found.id} exists, but: {error}"]) from error
        return _state(wanted, inputs)

    def _check_region(self, found: Volume, inputs: Properties) -> None:
        if inputs.get("region", found.region) != found.region:
            reason = f"Volume {found.name} ({found.id}) is in region {found.region}, not in {inputs['region']}."
            live = {**inputs, "region": found.region}
            raise PartialFailure(_state(found, live), [f"{reason} Railway moves no volume: ask for {found.region}."])

    def _write(self, context: Context, place: Place, found: Volume, wanted: Volume) -> None:
        if wanted.name != found.name:
            volumes.rename(context.api, found.id, wanted.name)
        if (wanted.service_id, wanted.mount_path) != (found.service_id, found.mount_path):
            volumes.move(context.api, found.id, place, wanted.mount_path)
        live: Volume | None = None
        for seconds in READ_BACK:
            pause(context, seconds)
            live = _by_id(volumes.read(context.api, place.environment_id), found.id)
            if live == wanted:
                return
        shown = _described(live) if live else "no such volume"
        raise ResourceError(f"Railway agreed to {_described(wanted)}, but shows {shown}.")


def _by_id(found: list[Volume], volume_id: str) -> Volume | None:
    return next((volume for volume in found if volume.id == volume_id), None)


def _has(context: Context, environment_id: str, volume_id: str) -> bool:
    """Whether an environment has the volume, as far as the token can see: it may where that is not to be told."""
    try:
        return _by_id(volumes.read(context.api, environment_id), volume_id) is not None
    except NotFound:
        return True


def _of_service(found: list[Volume], place: Place) -> Volume | None:
    return next((volume for volume in found if volume.service_id == place.service_id), None)


def _fits(found: Volume, inputs: Properties) -> bool:
    return (found.mount_path, found.region) == (inputs["mountPath"], inputs.get("region", found.region))


def _taken_over(found: Volume, inputs: Properties) -> str:
    consent = "as allowDestroy is true" if inputs.get("allowDestroy") else "once allowDestroy is true"
    return (
        f"Service {found.service_id} has the volume {found.name} ({found.id}) at {found.mount_path} already: it is "
        "taken over with everything in it. Railway does not tell who made it: a run of this stack that was cut off, "
        f"somebody else, or the copying of an environment. Destroy deletes it, {consent}. If it is not this stack's, "
        "take the Volume out of the program and, where it is recorded, out of the state with `pulumi state delete`."
    )


def _described(volume: Volume) -> str:
    return f"{volume.name} at {volume.mount_path} of service {volume.service_id}"


def _details(found: Volume) -> dict[str, str | None]:
    return {"name": found.name, "region": found.region}


def _identity(inputs: Properties, found: Volume) -> str:
    return f"{inputs['projectId']}/{inputs['environmentId']}/{found.id}"


def _state(found: Volume, inputs: Properties) -> State:
    return State(_identity(inputs, found), inputs, {**inputs, "volumeId": found.id, **_details(found)})
