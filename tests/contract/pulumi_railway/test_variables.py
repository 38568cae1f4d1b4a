"""`Variables`: the managed names, written in one call, without a deployment, and never a secret in the state."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_railway.errors import ResourceError, UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, PartialFailure, State
from pulumi_railway.handlers.service import MARKER
from pulumi_railway.handlers.variables import CHANGED
from pulumi_railway.handlers.waiting import BUSY
from pulumi_railway.secret_manager import SecretError

pytestmark = pytest.mark.contract

VARIABLES = HANDLERS["railway:index:Variables"]


@pytest.fixture(autouse=True)
def service(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.calls.clear()


def live(cloud: Any) -> dict[str, str]:
    """What the service `web` has in Railway, our marker left out."""
    with cloud.railway.world.lock:
        service = next(each for each in cloud.railway.world.services.values() if each.name == "web")
        variables = cloud.railway.world.instances_of(service.id)[0].variables.current
        return {name: each.value for name, each in variables.items() if name != MARKER}


def test_all_are_written_in_one_call_and_read_back(stack: Any, cloud: Any) -> None:
    state = stack.up("Variables")
    assert cloud.operations() == ["variableCollectionUpsert", "variables"]
    assert live(cloud) == {"PORT": "4000", "API_KEY": "sk-API-payload-0001"}
    assert "sk-API" not in str(state)
    assert set(state.outputs["fingerprints"]) == {"API_KEY"}


def test_a_change_writes_once_and_changes_the_revision(stack: Any, cloud: Any) -> None:
    before = stack.up("Variables")
    cloud.calls.clear()
    after = stack.up("Variables", variables={"PORT": "5000"})
    assert cloud.operations("mutation") == ["variableCollectionUpsert"]
    assert live(cloud)["PORT"] == "5000"
    assert after.outputs["revision"] != before.outputs["revision"]


def test_a_name_taken_away_is_removed_without_a_deployment(stack: Any, cloud: Any) -> None:
    stack.all()
    cloud.railway.edit_variable("web", "OTHERS", "kept")
    stack.up("Variables", variables={}, secrets={"API_KEY": cloud.reference("API")})
    assert live(cloud) == {"API_KEY": "sk-API-payload-0001", "OTHERS": "kept"}
    assert len(cloud.railway.deployments()) == 1


def test_a_delete_removes_the_managed_names_alone_and_deploys_nothing(stack: Any, cloud: Any) -> None:
    stack.all()
    cloud.railway.edit_variable("web", "OTHERS", "kept")
    stack.delete("Variables")
    assert live(cloud) == {"OTHERS": "kept"}
    assert len(cloud.railway.deployments()) == 1
    cloud.calls.clear()
    stack.delete("Variables")
    assert cloud.operations("mutation") == []


def test_a_removal_is_refused_while_others_have_staged_changes(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("Variables")
    world = cloud.railway.world
    with world.lock:
        environment = next(iter(world.environments.values()))
        instance = next(iter(world.instances.values()))
        change = {"services": {instance.service_id: {"deploy": {"startCommand": "theirs"}}}}
        cloud.railway.rules.changes.stage(environment, change, merge=True)
    failure = failing("Variables", variables={"NEW": "x"})
    assert "1 staged change(s) nobody applied yet" in failure.reasons[0]
    assert live(cloud)["PORT"] == "4000"
    assert "NEW" not in live(cloud)
    with pytest.raises(ResourceError, match="staged change"):
        stack.delete("Variables")


def test_a_removal_that_an_earlier_run_staged_gives_way_to_another(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("Variables", variables={"PORT": "4000", "OLD": "x"})
    cloud.fault("environmentPatchCommitStaged", "graphql_error", message="No.")
    failing("Variables", variables={"OLD": "x"})
    stack.up("Variables", variables={"PORT": "4000"})
    assert set(live(cloud)) == {"PORT", "API_KEY"}
    stack.up("Variables", variables={})
    assert set(live(cloud)) == {"API_KEY"}


def staged(cloud: Any) -> Any:
    """What is staged in the environment."""
    with cloud.railway.world.lock:
        return cloud.railway.rules.changes.staged(next(iter(cloud.railway.world.environments.values()))).patch


@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "as recorded"])
def test_a_removal_that_a_failed_update_staged_is_discarded_where_it_is_taken_back(
    stack: Any, cloud: Any, failing: Any, refreshed: bool
) -> None:
    before = stack.up("Variables").inputs
    cloud.fault("environmentPatchCommitStaged", "graphql_error", message="No.")
    failing("Variables", variables={}, secrets={})
    if refreshed:
        leaves_staged(stack)
    cloud.calls.clear()
    again = VARIABLES.update(cloud.context(), stack.states["Variables"], before)
    assert cloud.operations("mutation") == ["variableCollectionUpsert", "environmentStageChanges"]
    assert (staged(cloud), again.inputs) == ({}, before)
    assert "The removal of API_KEY, PORT was staged and never applied; it is discarded" in cloud.messages.text
    stack.states["Variables"] = again
    assert stack.refresh("Variables") == again


def leaves_staged(stack: Any) -> None:
    """A refresh says so, and keeps what the engine keeps."""
    with pytest.raises(PartialFailure, match="The removal of API_KEY, PORT is staged in environment") as left:
        stack.refresh("Variables")
    stack.states["Variables"] = left.value.state
    assert stack.states["Variables"].inputs["variables"] == {"PORT": "4000"}


def test_a_removal_that_was_left_staged_is_applied_where_it_is_still_wanted(
    stack: Any, cloud: Any, failing: Any
) -> None:
    stack.up("Variables")
    cloud.fault("environmentPatchCommitStaged", "graphql_error", message="No.")
    failing("Variables", variables={}, secrets={})
    leaves_staged(stack)
    stack.up("Variables", variables={}, secrets={})
    assert (staged(cloud), live(cloud)) == ({}, {})


def test_a_lost_answer_to_the_commit_is_resolved_by_reading(stack: Any, cloud: Any) -> None:
    stack.up("Variables")
    cloud.fault("environmentPatchCommitStaged", "drop_after")
    stack.up("Variables", variables={})
    assert "PORT" not in live(cloud)


def test_a_removal_that_did_not_happen_is_named(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("Variables")
    cloud.fault("environmentPatchCommitStaged", "drop_before")
    assert "not removed: PORT" in failing("Variables", variables={}).reasons[0]


@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "as recorded"])
def test_what_a_failed_update_wrote_goes_when_it_is_taken_back(
    stack: Any, cloud: Any, failing: Any, refreshed: bool
) -> None:
    stack.up("Variables")
    cloud.fault("environmentStageChanges", "graphql_error", message="No.")
    failing("Variables", variables={"NEW": "x"}, secrets={"NEW_KEY": cloud.reference("MASTER")})
    assert {"NEW", "NEW_KEY"} <= live(cloud).keys()
    if refreshed:
        assert stack.refresh("Variables").inputs["variables"] == {"PORT": "4000", "NEW": "x"}
    VARIABLES.update(cloud.context(), stack.states["Variables"], stack.inputs("Variables"))
    assert set(live(cloud)) == {"PORT", "API_KEY"}


def test_what_a_failed_update_wrote_goes_with_the_rest(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("Variables")
    cloud.fault("environmentStageChanges", "graphql_error", message="No.")
    failing("Variables", variables={}, secrets={"NEW_KEY": cloud.reference("MASTER")})
    stack.delete("Variables")
    assert live(cloud) == {}


@pytest.mark.parametrize("fails_at", ["variableCollectionUpsert", "environmentStageChanges"])
def test_a_version_that_a_failed_update_may_have_written_is_put_back(
    stack: Any, cloud: Any, failing: Any, fails_at: str
) -> None:
    before = stack.up("Variables").inputs
    cloud.manager.add_version("API", "sk-rotated-payload-9")
    cloud.fault(fails_at, "graphql_error", message="No.")
    failing("Variables", variables={}, secrets={"API_KEY": cloud.reference("API", 2)})
    for _ in range(2):
        assert stack.refresh("Variables").inputs["secrets"] == {"API_KEY": CHANGED}
    assert stack.changes("Variables") == ["secrets"]
    assert stack.up("Variables").inputs == before
    assert live(cloud)["API_KEY"] == "sk-API-payload-0001"


def test_a_commit_is_not_asked_for_without_end(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("Variables")
    for _ in BUSY:
        message = "Environment is applying changes, please try again"
        cloud.fault("environmentPatchCommitStaged", "graphql_error", message=message)
    assert "is staged but not committed" in failing("Variables", variables={}).reasons[0]
    assert live(cloud)["PORT"] == "4000"
    stack.up("Variables", variables={})
    assert "PORT" not in live(cloud)


def test_a_write_that_lost_its_answer_is_repeated(stack: Any, cloud: Any) -> None:
    cloud.fault("variableCollectionUpsert", "drop_after")
    stack.up("Variables")
    assert cloud.operations("mutation") == ["variableCollectionUpsert"] * 2
    assert set(live(cloud)) == {"PORT", "API_KEY"}


def test_variables_that_do_not_take_are_named_and_the_next_run_writes_them(
    stack: Any, cloud: Any, failing: Any
) -> None:
    cloud.railway.seed({"behaviour": {"read_lag": 60.0}})
    failure = failing("Variables")
    assert "not set: API_KEY, PORT" in failure.reasons[0]
    assert "sk-" not in failure.reasons[0]
    cloud.railway.seed({"behaviour": {"read_lag": 0.0}})
    VARIABLES.update(cloud.context(), stack.states["Variables"], stack.inputs("Variables"))
    assert set(live(cloud)) == {"PORT", "API_KEY"}


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("PORT", "5000", {"variables": {"PORT": "5000"}}),
        ("PORT", None, {"variables": {}}),
        ("API_KEY", "by-hand-0123456789", {"secrets": {"API_KEY": CHANGED}}),
        ("API_KEY", None, {"secrets": {}}),
    ],
)
def test_an_edit_by_hand_is_drift_of_that_name_and_put_back(
    stack: Any, cloud: Any, name: str, value: str | None, seen: dict[str, Any]
) -> None:
    state = stack.up("Variables")
    cloud.railway.edit_variable("web", name, value)
    drifted = stack.refresh("Variables")
    assert drifted.inputs == {**state.inputs, **seen}
    assert "by-hand" not in str(drifted)
    assert stack.refresh("Variables") == drifted
    assert stack.changes("Variables") == list(seen)
    stack.up("Variables")
    assert live(cloud) == {"PORT": "4000", "API_KEY": "sk-API-payload-0001"}
    assert stack.refresh("Variables") == stack.states["Variables"]


def test_variables_of_others_are_no_drift(stack: Any, cloud: Any) -> None:
    state = stack.up("Variables")
    cloud.railway.edit_variable("web", "OTHERS", "theirs")
    assert stack.refresh("Variables") == state


def test_an_import_manages_no_name_and_reads_no_value_into_the_state(stack: Any, cloud: Any) -> None:
    state = stack.up("Variables")
    imported = VARIABLES.read(cloud.context(), State(state.id, {}, {}))
    assert imported is not None
    assert (imported.inputs["variables"], imported.inputs["secrets"]) == ({}, {})
    assert "4000" not in str(imported)


def test_a_service_that_is_gone_takes_its_variables_along(stack: Any, cloud: Any) -> None:
    stack.up("Variables")
    cloud.railway.delete_service("web")
    stack.delete("Variables")
    assert stack.refresh("Variables") is None


def test_a_preview_reads_no_payload(stack: Any, cloud: Any) -> None:
    outputs = VARIABLES.preview(cloud.context(), None, stack.inputs("Variables"))
    assert (outputs["fingerprints"], outputs["revision"]) == (UNKNOWN, UNKNOWN)
    assert cloud.calls.list() == []


class TestPayloads:
    """What is wrong with a secret is told before anything is written."""

    @pytest.mark.parametrize(
        ("payload", "flaw"),
        [
            ("", "is empty"),
            ("sk-with-newline\n", "contains a newline"),
            (" sk-with-space", "starts or ends with a space"),
            ("\ufeffsk-with-bom", "starts with a byte-order mark"),
            ("changeme", "is a placeholder"),
        ],
    )
    def test_a_flaw_is_named_by_kind(self, stack: Any, cloud: Any, payload: str, flaw: str) -> None:
        cloud.manager.add_version("API", payload)
        with pytest.raises(SecretError, match=f"API_KEY: secret API version 2 in project shop-123456 {flaw}") as caught:
            stack.up("Variables", secrets={"API_KEY": cloud.reference("API", 2)})
        assert not payload.strip() or payload.strip() not in str(caught.value)
        assert "gcloud secrets versions add API" in str(caught.value)
        assert cloud.operations() == []

    def test_a_prefix_is_required_of_the_secret_it_is_given_for(self, stack: Any, cloud: Any) -> None:
        cloud.manager.add_version("API", "another-payload")
        wanted = {"A": cloud.reference("API", 2), "B": cloud.reference("API", 2)}
        with pytest.raises(SecretError, match=r"1 secret.*nothing was written:\n.*B: .* does not start with sk-"):
            stack.up("Variables", secrets=wanted, secretPrefixes={"B": "sk-"})
        assert cloud.operations() == []
        stack.up("Variables", secrets=wanted, secretPrefixes={"B": "another"})
        assert stack.changes("Variables", secrets=wanted, secretPrefixes={}) == []

    def test_all_flaws_are_told_at_once(self, stack: Any, cloud: Any) -> None:
        cloud.manager.add_version("API", "changeme")
        wanted = {"A": cloud.reference("API", 2), "B": cloud.reference("NONE"), "C": cloud.reference("MASTER")}
        with pytest.raises(UserError, match=r"2 secret\(s\) cannot be used, nothing was written") as caught:
            stack.up("Variables", secrets=wanted)
        assert "A: secret API version 2" in str(caught.value)
        assert "B: secret NONE does not exist" in str(caught.value)

    def test_a_missing_permission_names_the_role(self, stack: Any, cloud: Any) -> None:
        cloud.secrets = cloud.secret_manager("preview-token")
        with pytest.raises(SecretError, match=r"roles/secretmanager\.secretAccessor is missing"):
            stack.up("Variables")
        assert cloud.operations() == []
