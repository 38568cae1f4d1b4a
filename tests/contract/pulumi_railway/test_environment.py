"""`Environment`: empty or a copy, renamed in place, the primary one never deleted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from localcloud.railway.state.model import Environment, new_id
from pulumi_railway.api import project_environments, variables
from pulumi_railway.api.errors import RateLimited
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import Cancelled, UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, PartialFailure, State
from pulumi_railway.handlers.service import MARKER

from .conftest import ENVIRONMENT, PROJECT

pytestmark = pytest.mark.contract

HANDLER = HANDLERS["railway:index:Environment"]


@pytest.fixture(autouse=True)
def account(cloud: Any) -> None:
    """A project token makes no environment."""
    cloud.api.close()
    cloud.api = cloud.client(Credentials("account-token", "bearer"))


def inputs(**given: Any) -> dict[str, Any]:
    checked = HANDLER.check(None, {"projectId": PROJECT, "name": "staging", **given})
    assert not checked.failures
    return dict(checked.inputs)


def names(cloud: Any) -> list[str]:
    with cloud.railway.world.lock:
        return [each.name for each in cloud.railway.world.environments.values()]


def add(cloud: Any, name: str) -> str:
    """Somebody else makes an environment; its id."""
    made = Environment(new_id(), PROJECT, name)
    with cloud.railway.world.lock:
        cloud.railway.rules.environments.create(made, None, deploy=False)
    return made.id


def remove(cloud: Any, made: State) -> None:
    """Somebody else deletes an environment."""
    with cloud.railway.world.lock:
        cloud.railway.rules.environments.delete(cloud.railway.world.environments[made.outputs["environmentId"]])


def test_an_empty_one_is_made_and_read_back(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    assert names(cloud) == ["production", "staging"]
    assert made.id == f"{PROJECT}/{made.outputs['environmentId']}"
    assert cloud.operations() == ["project", "environmentCreate", "variableCollectionUpsert"]
    assert HANDLER.read(cloud.context(), made) == made
    assert not HANDLER.diff(made, inputs()).changes


def test_a_copy_is_made_once_it_has_the_services(stack: Any, cloud: Any) -> None:
    service_id = stack.up("Service").outputs["serviceId"]
    cloud.railway.seed({"behaviour": {"copy_lag": 0.3}})
    made = HANDLER.create(cloud.context(), inputs(sourceEnvironmentId=ENVIRONMENT, ephemeral=True))
    assert cloud.railway.world.instance(service_id, made.outputs["environmentId"]) is not None
    assert cloud.railway.deployments() == []
    assert HANDLER.read(cloud.context(), made) == made


def test_a_copy_that_stays_empty_is_kept_and_waited_for_again(stack: Any, cloud: Any) -> None:
    service_id = stack.up("Service").outputs["serviceId"]
    wanted = inputs(sourceEnvironmentId=ENVIRONMENT)
    cloud.railway.seed({"behaviour": {"copy_lag": 1.0}})
    with pytest.raises(PartialFailure, match=f"no instance of the services {service_id} of its source") as failure:
        HANDLER.create(cloud.context(timeout=0.1), wanted)
    state = failure.value.state
    assert HANDLER.update(cloud.context(), state, wanted) == state
    assert names(cloud) == ["production", "staging"]


def test_an_interrupt_while_it_waits_keeps_it(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.railway.seed({"behaviour": {"copy_lag": 60}})

    def interrupt(_seconds: float) -> None:
        cloud.cancelled.set()

    with pytest.raises(PartialFailure, match="Interrupted") as failure:
        HANDLER.create(cloud.context(sleep=interrupt), inputs(sourceEnvironmentId=ENVIRONMENT))
    assert failure.value.state.outputs["environmentId"] in cloud.railway.world.environments


def test_a_copy_is_renamed_whatever_became_of_the_services_and_the_source(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    first = HANDLER.create(cloud.context(), inputs(sourceEnvironmentId=ENVIRONMENT))
    wanted = inputs(name="second", sourceEnvironmentId=first.outputs["environmentId"])
    second = HANDLER.create(cloud.context(), wanted)
    remove(cloud, first)
    live = HANDLER.read(cloud.context(), second)
    assert live == second, "the source is gone, the copy is what it was"
    assert HANDLER.update(cloud.context(), second, {**wanted, "name": "third"}).outputs["name"] == "third"
    assert names(cloud) == ["production", "third"]


def test_the_name_changes_in_place_and_all_else_replaces(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    renamed = HANDLER.update(cloud.context(), made, inputs(name="next"))
    assert renamed.id == made.id
    assert names(cloud) == ["production", "next"]
    assert list(HANDLER.diff(made, inputs(name="next")).replaces) == []
    for change in ({"ephemeral": True}, {"sourceEnvironmentId": ENVIRONMENT}):
        found = HANDLER.diff(made, inputs(**change))
        assert (list(found.replaces), found.delete_before_replace) == (list(change), True)
    assert not HANDLER.diff(made, inputs(skipInitialDeploys=False)).changes
    assert not HANDLER.diff(made, inputs(ephemeral=False)).changes, "that is what it is"


def test_a_refused_name_leaves_the_old_one_and_is_asked_for_again(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    cloud.fault("environmentRename", "graphql_error", message="Name is taken")
    with pytest.raises(UserError, match="Name is taken"):
        HANDLER.update(cloud.context(), made, inputs(name="next"))
    assert names(cloud) == ["production", "staging"]
    assert HANDLER.update(cloud.context(), made, inputs(name="next")).id == made.id
    assert names(cloud) == ["production", "next"]


def test_one_of_that_name_is_refused(cloud: Any) -> None:
    with pytest.raises(UserError, match=f"import it as {PROJECT}/{ENVIRONMENT}"):
        HANDLER.create(cloud.context(), inputs(name="production"))
    made = HANDLER.create(cloud.context(), inputs())
    with pytest.raises(UserError, match=ENVIRONMENT):
        HANDLER.update(cloud.context(), made, inputs(name="production"))
    assert cloud.operations("mutation") == ["environmentCreate", "variableCollectionUpsert"]


def test_two_of_that_name_are_named(cloud: Any) -> None:
    ids = [add(cloud, "staging"), add(cloud, "staging")]
    attempts: list[Callable[[], object]] = [
        lambda: HANDLER.create(cloud.context(), inputs()),
        lambda: HANDLER.read(cloud.context(), State("delightful-cat/staging", {}, {})),
    ]
    for refused in attempts:
        with pytest.raises(UserError, match="2 environments named staging") as told:
            refused()
        assert all(each in str(told.value) for each in ids)
    assert cloud.operations("mutation") == []


def test_a_source_of_another_project_is_refused(cloud: Any) -> None:
    wanted = inputs(sourceEnvironmentId="elsewhere")
    told = f"it has: production {ENVIRONMENT}. Correct sourceEnvironmentId"
    with pytest.raises(UserError, match=told):
        HANDLER.create(cloud.context(), wanted)
    with pytest.raises(UserError, match=told):
        HANDLER.preview(cloud.context(), None, wanted)
    assert cloud.operations("mutation") == []


def test_a_project_token_is_refused_before_any_write(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    cloud.api.close()
    cloud.api = cloud.client(Credentials("project-token", "project"))
    cloud.calls.clear()
    attempts: list[Callable[[], object]] = [
        lambda: HANDLER.preview(cloud.context(), None, inputs()),
        lambda: HANDLER.create(cloud.context(), inputs(name="next")),
        lambda: HANDLER.update(cloud.context(), made, inputs(name="next")),
        lambda: HANDLER.delete(cloud.context(), made),
    ]
    for refused in attempts:
        with pytest.raises(UserError, match="Set RAILWAY_API_TOKEN instead; nothing was changed"):
            refused()
    assert cloud.operations("mutation") == []


def test_a_lost_answer_makes_no_second_one(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.fault("environmentCreate", "drop_after")
    made = HANDLER.create(cloud.context(), inputs(sourceEnvironmentId=ENVIRONMENT))
    assert HANDLER.read(cloud.context(), made) == made
    assert names(cloud) == ["production", "staging"]
    assert cloud.operations("mutation").count("environmentCreate") == 1


def test_one_that_a_killed_run_has_left_is_taken_over_by_its_owner_alone(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    wanted = inputs(sourceEnvironmentId=ENVIRONMENT, ephemeral=True)
    cloud.railway.seed({"behaviour": {"copy_lag": 0.3}})
    left = HANDLER.create(cloud.context(), wanted)
    cloud.calls.clear()
    assert HANDLER.create(cloud.context(), wanted) == left
    assert cloud.operations("mutation") == []
    assert "is taken over" in cloud.messages.text
    cloud.railway.world.environments[left.outputs["environmentId"]].created_at -= timedelta(hours=1)
    with pytest.raises(UserError, match=f"copied from {ENVIRONMENT}, ephemeral: True. Delete it"):
        HANDLER.create(cloud.context(), inputs(ephemeral=True))
    for other in ({"stack": "another-state"}, {"urn": "another-urn"}, {"stack": ""}):
        with pytest.raises(UserError, match="import it as"):
            HANDLER.create(cloud.context(**other), wanted)
    assert cloud.operations("mutation") == []
    variables.upsert_shared(cloud.api, PROJECT, left.outputs["environmentId"], {MARKER: ""})
    with pytest.raises(UserError, match="import it as"):
        HANDLER.create(cloud.context(stack=""), wanted)


def test_an_owner_that_does_not_show_yet_gets_the_time_that_reads_may_lag(cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"read_lag": 0.2}})
    left = HANDLER.create(cloud.context(), inputs())
    assert HANDLER.create(cloud.context(), inputs()) == left
    assert names(cloud) == ["production", "staging"]


def test_one_whose_run_was_killed_before_it_was_marked_is_refused_with_the_ways_on(cloud: Any) -> None:
    left = project_environments.create(cloud.api, inputs())
    identity = f"{PROJECT}/{left.id}"
    with pytest.raises(UserError, match="does not say that it is this stack's; nothing was changed") as told:
        HANDLER.create(cloud.context(urn="urn:pulumi:dev::shop::railway:index:Environment::stage"), inputs())
    for fact in (f"made at {left.created_at:%Y-%m-%d %H:%M:%S} UTC", "railway environment delete staging"):
        assert fact in str(told.value)
    assert f"pulumi import railway:index:Environment stage {identity}`" in str(told.value)
    imported = HANDLER.read(cloud.context(), State(identity, {}, {}))
    assert imported is not None
    assert not HANDLER.diff(imported, inputs()).changes
    HANDLER.delete(cloud.context(), imported)
    assert HANDLER.create(cloud.context(), inputs()).id != identity


def test_one_that_cannot_be_marked_is_in_the_state(cloud: Any) -> None:
    cloud.fault("variableCollectionUpsert", "graphql_error", message="Not now")
    with pytest.raises(PartialFailure, match=r"exists, but: .*Not now") as failure:
        HANDLER.create(cloud.context(), inputs())
    assert HANDLER.update(cloud.context(), failure.value.state, inputs()) == failure.value.state


def test_a_create_that_did_nothing_is_an_error(cloud: Any) -> None:
    cloud.fault("environmentCreate", "drop_before")
    with pytest.raises(UserError, match="nothing was made: run again"):
        HANDLER.create(cloud.context(), inputs())
    assert names(cloud) == ["production"]
    assert HANDLER.create(cloud.context(), inputs()).outputs["environmentId"]


def test_creations_that_come_too_quickly_are_waited_for_and_all_made(stack: Any, cloud: Any) -> None:
    """Railway counts what it refuses: if they all waited and tried again, none would ever be made."""
    stack.up("Service")
    cloud.railway.seed({"behaviour": {"creation_interval": 0.4}})
    wanted = [inputs(name=name) for name in ("one", "two", "three", "four")]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda each: HANDLER.create(cloud.context(), each), wanted))
    assert sorted(names(cloud)) == ["four", "one", "production", "three", "two"]
    assert len(wanted) < cloud.operations("mutation").count("environmentCreate") < 2 * len(wanted), "each once too soon"
    assert "environmentCreate: You are creating environments too quickly" in cloud.messages.text
    assert "trying again in" in cloud.messages.text


def test_a_volume_waits_for_its_turn_too(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.railway.seed({"behaviour": {"creation_interval": 0.1}})
    cloud.railway.world.creations.clock = iter([0.0, 0.05, 10.0]).__next__
    cloud.railway.world.creations.take("volume", 0.0)
    assert stack.up("Volume").outputs["volumeId"]
    assert "volumeCreate: You are creating volumes too quickly" in cloud.messages.text


def test_a_wait_beyond_the_bound_is_an_error(cloud: Any) -> None:
    add(cloud, "theirs")
    cloud.railway.seed({"behaviour": {"creation_interval": 900}})
    with pytest.raises(RateLimited, match="1 environment per 900 seconds") as told:
        HANDLER.create(cloud.context(), inputs())
    assert "Run again" in str(told.value)
    assert cloud.operations("mutation") == ["environmentCreate"]


def test_an_interrupt_ends_the_wait_for_a_turn(cloud: Any) -> None:
    add(cloud, "theirs")
    cloud.railway.seed({"behaviour": {"creation_interval": 60}})
    cloud.cancelled.set()
    with pytest.raises(Cancelled):
        HANDLER.create(cloud.context(), inputs())
    assert "staging" not in names(cloud)


def test_it_is_deleted_and_may_be_deleted_twice(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    for _ in range(2):
        HANDLER.delete(cloud.context(), made)
        assert names(cloud) == ["production"]
    assert cloud.operations("mutation") == ["environmentCreate", "variableCollectionUpsert", "environmentDelete"]
    assert HANDLER.read(cloud.context(), made) is None
    with pytest.raises(UserError, match="is gone"):
        HANDLER.update(cloud.context(), made, inputs(name="next"))


def test_a_deletion_whose_answer_is_lost_is_one(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    cloud.fault("environmentDelete", "drop_after")
    HANDLER.delete(cloud.context(), made)
    assert names(cloud) == ["production"]


def test_the_primary_one_is_never_deleted(cloud: Any) -> None:
    found = HANDLER.read(cloud.context(), State("delightful-cat/production", {}, {}))
    assert found is not None
    assert found.id == f"{PROJECT}/{ENVIRONMENT}"
    with pytest.raises(UserError, match="the primary one of project"):
        HANDLER.delete(cloud.context(), found)
    assert cloud.operations("mutation") == []


def test_an_import_finds_what_a_program_says(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs(sourceEnvironmentId=ENVIRONMENT, ephemeral=True))
    found = HANDLER.read(cloud.context(), State(made.id, {}, {}))
    assert found == made
    assert not HANDLER.diff(made, inputs()).changes, "source and kind are kept where they are not asked for"


@pytest.mark.parametrize("wrong", ["production", "a/b/c", "/b"])
def test_an_id_of_another_form_is_refused(cloud: Any, wrong: str) -> None:
    with pytest.raises(UserError, match="project/environment"):
        HANDLER.read(cloud.context(), State(wrong, {}, {}))


def test_every_page_of_environments_is_read(cloud: Any) -> None:
    made = HANDLER.create(cloud.context(), inputs())
    cloud.railway.seed({"behaviour": {"page_size": 1}})
    assert HANDLER.read(cloud.context(), made) == made


def test_a_preview_promises_what_is_known(cloud: Any) -> None:
    new = HANDLER.preview(cloud.context(), None, inputs())
    assert (new["environmentId"], new["ephemeral"]) == (UNKNOWN, False)
    made = HANDLER.create(cloud.context(), inputs())
    assert HANDLER.preview(cloud.context(), made, inputs()) == made.outputs
