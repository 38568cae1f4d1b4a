"""`Volume`: one a service, moved in place, never lost without consent."""

from __future__ import annotations

import time
from typing import Any

import pytest

from localcloud.railway.state.model import Environment, new_id
from pulumi_railway.api import volumes as api
from pulumi_railway.api.place import Place
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS, identity
from pulumi_railway.handlers.base import UNKNOWN, State

pytestmark = pytest.mark.contract

VOLUME = HANDLERS["railway:index:Volume"]


@pytest.fixture(autouse=True)
def service(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.calls.clear()


def volumes(cloud: Any) -> list[Any]:
    """The instances that are there, with the names of their volumes."""
    world = cloud.railway.world
    with world.lock:
        found = [(each, world.volumes[each.volume_id]) for each in world.volume_instances.values()]
        return [(volume.name, each.service_id, each.mount_path) for each, volume in found if volume.deleted_at is None]


def forget(stack: Any) -> None:
    """As a run leaves it that was cut off before it could record anything."""
    del stack.states["Volume"]


def test_railway_chooses_name_and_region(stack: Any, cloud: Any) -> None:
    state = stack.up("Volume")
    [(name, service_id, path)] = volumes(cloud)
    assert (service_id, path) == (stack.states["Service"].outputs["serviceId"], "/data")
    assert (state.outputs["name"], state.outputs["region"]) == (name, "us-west2")
    assert state.id.endswith(f"/{state.outputs['volumeId']}")
    assert cloud.operations() == ["environment", "volumeCreate", "environment"]


def test_the_same_again_changes_nothing(stack: Any, cloud: Any) -> None:
    before = stack.up("Volume", name="ledger", region="europe-west4")
    assert stack.changes("Volume", name="ledger", region="europe-west4") == []
    cloud.calls.clear()
    assert stack.refresh("Volume") == before
    assert cloud.operations() == ["environment"]


def test_the_one_there_is_is_used(stack: Any, cloud: Any) -> None:
    first = stack.up("Volume")
    forget(stack)
    cloud.calls.clear()
    assert stack.up("Volume").id == first.id
    assert cloud.operations("mutation") == []


@pytest.mark.parametrize(("consent", "told"), [(False, "once allowDestroy is true"), (True, "as allowDestroy is true")])
def test_one_that_somebody_may_have_made_is_announced_and_taken_over_with_a_warning(
    stack: Any, cloud: Any, *, consent: bool, told: str
) -> None:
    wanted = stack.inputs("Volume", allowDestroy=consent)
    theirs = api.create(cloud.api, identity.from_inputs(wanted), "/data", None)
    for act in (lambda context: VOLUME.preview(context, None, wanted), lambda context: VOLUME.create(context, wanted)):
        cloud.messages.seen.clear()
        act(cloud.context())
        [(severity, message)] = cloud.messages.seen
        assert severity == "warning"
        assert f"has the volume web-volume ({theirs}) at /data already: it is taken over" in message
        assert told in message
        assert "pulumi state delete" in message


@pytest.mark.parametrize(
    "other",
    [{"mountPath": "/other"}, {"serviceId": UNKNOWN}, {"region": "europe-west4"}, {"environmentId": "elsewhere"}],
)
def test_a_preview_says_nothing_where_nothing_is_taken_over(stack: Any, cloud: Any, other: dict[str, Any]) -> None:
    stack.up("Volume")
    forget(stack)
    VOLUME.preview(cloud.context(), None, stack.inputs("Volume", **other))
    assert cloud.messages.seen == []


@pytest.mark.parametrize("other", [{"mountPath": "/other"}, {"region": "europe-west4"}])
def test_another_volume_of_the_service_is_refused(stack: Any, cloud: Any, other: dict[str, Any]) -> None:
    first = stack.up("Volume")
    forget(stack)
    cloud.calls.clear()
    with pytest.raises(UserError, match="no service has two") as refused:
        stack.up("Volume", **other)
    assert first.id in str(refused.value)
    assert cloud.operations("mutation") == []


def test_name_and_path_change_in_place(stack: Any, cloud: Any) -> None:
    before = stack.up("Volume")
    after = stack.up("Volume", name="ledger", mountPath="/ledger")
    assert after.id == before.id
    assert [(name, path) for name, _, path in volumes(cloud)] == [("ledger", "/ledger")]
    assert stack.refresh("Volume") == after


def test_a_volume_that_was_detached_is_attached_again(stack: Any, cloud: Any) -> None:
    stack.up("Volume")
    world = cloud.railway.world
    with world.lock:
        [found] = world.volume_instances.values()
        cloud.railway.rules.volumes.place(found, None, None)
    assert "serviceId" not in stack.refresh("Volume").inputs
    assert stack.changes("Volume") == ["serviceId"]
    stack.up("Volume")
    assert volumes(cloud)[0][1] == stack.states["Service"].outputs["serviceId"]


@pytest.mark.parametrize("name", ["projectId", "environmentId", "region"])
def test_what_railway_cannot_change_replaces_it_and_the_old_one_goes_first(stack: Any, name: str) -> None:
    state = stack.up("Volume", region="us-west2")
    found = VOLUME.diff(state, {**state.inputs, name: "other"})
    assert (list(found.replaces), found.delete_before_replace) == ([name], True)


def test_nothing_is_deleted_without_consent(stack: Any, cloud: Any) -> None:
    state = stack.up("Volume")
    cloud.calls.clear()
    with pytest.raises(UserError, match="allowDestroy") as refused:
        stack.delete("Volume")
    for fact in (state.outputs["name"], state.outputs["volumeId"], "/data", "48 hours", "nothing was deleted"):
        assert fact in str(refused.value)
    assert cloud.operations("mutation") == []
    assert len(volumes(cloud)) == 1


def test_consent_is_given_by_a_run_before(stack: Any, cloud: Any) -> None:
    stack.up("Volume")
    cloud.calls.clear()
    stack.up("Volume", allowDestroy=True)
    assert cloud.operations("mutation") == [], "it is nothing of Railway's"
    stack.delete("Volume")
    assert volumes(cloud) == []
    assert "48 hours" in cloud.messages.text
    stack.delete("Volume")
    assert stack.refresh("Volume") is None


def test_what_is_gone_already_needs_no_consent(stack: Any, cloud: Any) -> None:
    state = stack.up("Volume")
    cloud.railway.rules.volumes.delete(cloud.railway.world.volumes[state.outputs["volumeId"]])
    stack.delete("Volume")
    with pytest.raises(UserError, match="is gone"):
        stack.up("Volume", mountPath="/ledger")


def test_a_lost_answer_makes_no_second_volume(stack: Any, cloud: Any) -> None:
    cloud.fault("volumeCreate", "drop_after")
    stack.up("Volume")
    assert len(volumes(cloud)) == 1
    assert cloud.operations("mutation") == ["volumeCreate"]


def test_a_create_that_did_nothing_is_an_error(stack: Any, cloud: Any) -> None:
    cloud.fault("volumeCreate", "drop_before")
    with pytest.raises(UserError, match="run again"):
        stack.up("Volume")
    assert volumes(cloud) == []
    assert stack.up("Volume").outputs["volumeId"]


def test_one_that_does_not_show_is_named_and_taken_over_by_the_next_run(stack: Any, cloud: Any) -> None:
    world = cloud.railway.world

    async def hide(_service: str, operation: str, moment: str) -> bool:
        """The volume is somewhere else as long as it is looked for."""
        for each in world.volume_instances.values() if (operation, moment) == ("environment", "before") else ():
            each.service_id = None
        return True

    cloud.faults.watch = hide
    with pytest.raises(UserError, match=r"shows no volume, though Railway says it made [0-9a-f-]{36}: run again"):
        stack.up("Volume")
    cloud.faults.watch = None
    [instance] = world.volume_instances.values()
    instance.service_id = stack.states["Service"].outputs["serviceId"]
    assert stack.up("Volume").outputs["volumeId"] == instance.volume_id
    assert cloud.operations("mutation") == ["volumeCreate"]


def test_a_refused_name_keeps_the_volume_in_the_state(stack: Any, cloud: Any, failing: Any) -> None:
    cloud.fault("volumeUpdate", "graphql_error", message="Name is taken")
    failure = failing("Volume", name="ledger")
    assert "Name is taken" in str(failure)
    assert failure.state.outputs["volumeId"]
    cloud.faults.clear()
    VOLUME.update(cloud.context(), failure.state, stack.inputs("Volume", name="ledger"))
    assert [name for name, _, _ in volumes(cloud)] == ["ledger"]


def test_an_import_finds_what_a_program_says(stack: Any, cloud: Any) -> None:
    made = stack.up("Volume")
    stack.states["Volume"] = State(made.id, {}, {})
    found = stack.refresh("Volume")
    asked = {"name": made.outputs["name"], "region": made.outputs["region"]}
    assert (found.id, found.inputs) == (made.id, {**made.inputs, **asked})
    assert stack.changes("Volume") == stack.changes("Volume", **asked) == []


def test_an_import_takes_names(stack: Any, cloud: Any) -> None:
    made = stack.up("Volume")
    for name in ("delightful-cat/production/web-volume", f"{made.id.split('/')[0]}/production/web-volume"):
        found = VOLUME.read(cloud.context(), State(name, {}, {}))
        assert found is not None
        assert (found.id, found.outputs) == (made.id, made.outputs)
    with pytest.raises(UserError, match="no volume other; it has: web-volume"):
        VOLUME.read(cloud.context(), State("delightful-cat/production/other", {}, {}))


def test_an_id_of_another_form_is_refused(cloud: Any) -> None:
    with pytest.raises(UserError, match="project/environment/volume"):
        VOLUME.read(cloud.context(), State("volume", {}, {}))


def test_an_unknown_environment_is_a_deleted_one_for_a_token_that_sees_all(stack: Any, cloud: Any) -> None:
    made = stack.up("Volume")
    project, _, volume = made.id.split("/")
    elsewhere = State(f"{project}/unknown/{volume}", made.inputs, made.outputs)
    with pytest.raises(UserError, match="Environment unknown is not in project"):
        VOLUME.read(cloud.context(), elsewhere)
    cloud.api.close()
    cloud.api = cloud.client(Credentials("account-token", "bearer"))
    assert VOLUME.read(cloud.context(), elsewhere) is None, "this token sees every environment there is"
    VOLUME.delete(cloud.context(), elsewhere)


def test_a_preview_promises_what_is_known(stack: Any, cloud: Any) -> None:
    new = VOLUME.preview(cloud.context(), None, stack.inputs("Volume"))
    assert (new["volumeId"], new["name"], new["mountPath"]) == (UNKNOWN, UNKNOWN, "/data")
    state = stack.up("Volume")
    assert VOLUME.preview(cloud.context(), state, stack.inputs("Volume")) == state.outputs


def test_every_page_of_volumes_is_read(stack: Any, cloud: Any) -> None:
    wanted = {stack.up("Volume").outputs["volumeId"]}
    ids = {"projectId": "", "environmentId": "", **stack.inputs("Service"), "serviceId": ""}
    for name in ("two", "three"):
        cloud.railway.seed({"services": [{"name": name}]})
        service_id = list(cloud.railway.world.services)[-1]
        place = Place(ids["projectId"], ids["environmentId"], service_id)
        wanted.add(api.create(cloud.api, place, "/data", None))
    cloud.railway.seed({"behaviour": {"page_size": 1}})
    assert {each.id for each in api.read(cloud.api, ids["environmentId"])} == wanted


@pytest.mark.parametrize("token", [Credentials("account-token", "bearer"), Credentials("project-token", "project")])
def test_what_a_copied_environment_has_too_is_not_deleted(stack: Any, cloud: Any, token: Credentials) -> None:
    made = stack.up("Volume", allowDestroy=True)
    world, rules = cloud.railway.world, cloud.railway.rules
    project_id, environment_id, _ = made.id.split("/")
    with world.lock:
        copy = Environment(new_id(), project_id, "pr-1", environment_id)
        rules.environments.create(copy, world.environments[environment_id], deploy=False)
    while len(volumes(cloud)) == 1:
        time.sleep(0.01)
    cloud.api.close()
    cloud.api = cloud.client(token)
    with pytest.raises(UserError, match="may be in pr-1 too, and Railway would delete it there as well"):
        stack.delete("Volume")
    assert len(volumes(cloud)) == 2
    with world.lock:
        rules.environments.delete(copy)
    stack.delete("Volume")
    assert volumes(cloud) == []
