"""`Service`: created once, kept as asked, never somebody else's."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_railway.api.errors import NotFound, TokenError
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, PartialFailure, State
from pulumi_railway.handlers.service import MARKER
from pulumi_railway.handlers.settings import SETTINGS

pytestmark = pytest.mark.contract

SERVICE = HANDLERS["railway:index:Service"]

EVERY_SETTING: dict[str, Any] = {
    "rootDirectory": "services/web",
    "builder": "NIXPACKS",
    "buildCommand": "make",
    "dockerfilePath": "Dockerfile",
    "railwayConfigFile": "/railway.json",
    "watchPatterns": ["services/web/**"],
    "healthcheckPath": "/health",
    "healthcheckTimeout": 60.0,
    "restartPolicyType": "ALWAYS",
    "restartPolicyMaxRetries": 3.0,
    "multiRegionConfig": {"europe-west4": {"numReplicas": 1}},
    "numReplicas": 2.0,
    "sleepApplication": True,
    "cronSchedule": "0 3 * * *",
    "startCommand": "python app.py",
    "preDeployCommand": ["python check.py"],
    "overlapSeconds": 5.0,
    "drainingSeconds": 30.0,
    "ipv6EgressEnabled": True,
    "nixpacksPlan": {"phases": {}},
}

OTHER_VALUE: dict[str, Any] = {
    "builder": "RAILPACK",
    "restartPolicyType": "NEVER",
    "watchPatterns": ["other/**"],
    "preDeployCommand": ["python other.py"],
    "multiRegionConfig": {"us-west2": {"numReplicas": 1}},
    "nixpacksPlan": {"phases": {"build": {}}},
    "healthcheckPath": "/other",
    "healthcheckTimeout": 61,
    "restartPolicyMaxRetries": 4,
    "numReplicas": 3,
    "sleepApplication": False,
    "ipv6EgressEnabled": False,
    "overlapSeconds": 6,
    "drainingSeconds": 31,
}


def live(cloud: Any, service_id: str) -> dict[str, Any]:
    with cloud.railway.world.lock:
        instances = cloud.railway.world.instances_of(service_id)
        return dict(instances[0].settings.current)


def test_every_setting_is_written_and_read_back(stack: Any, cloud: Any) -> None:
    assert set(EVERY_SETTING) == set(SETTINGS)
    state = stack.up("Service", **EVERY_SETTING)
    shown = live(cloud, state.outputs["serviceId"])
    assert {name: shown[name] for name in EVERY_SETTING} == EVERY_SETTING
    assert stack.refresh("Service") == state


@pytest.mark.parametrize("name", sorted(EVERY_SETTING))
def test_a_setting_changed_by_hand_is_drift_of_that_setting_and_put_back(stack: Any, cloud: Any, name: str) -> None:
    before = stack.up("Service", **EVERY_SETTING)
    cloud.railway.edit_setting("web", name, OTHER_VALUE.get(name, "other"))
    stack.refresh("Service")
    assert stack.changes("Service", **EVERY_SETTING) == [name]
    after = stack.up("Service", **EVERY_SETTING)
    assert live(cloud, after.outputs["serviceId"])[name] == EVERY_SETTING[name]
    assert after.outputs["revision"] != before.outputs["revision"]


def test_a_setting_cleared_by_hand_is_drift(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.railway.edit_setting("web", "healthcheckPath", None)
    stack.refresh("Service")
    assert stack.changes("Service") == ["healthcheckPath"]


def test_a_setting_is_cleared_only_where_the_user_takes_it_away(stack: Any, cloud: Any) -> None:
    state = stack.up("Service")
    cloud.railway.edit_setting("web", "startCommand", "by hand")
    assert stack.refresh("Service") == state
    after = stack.up("Service", healthcheckTimeout=None, drainingSeconds=9)
    shown = live(cloud, after.outputs["serviceId"])
    assert (shown["healthcheckTimeout"], shown["drainingSeconds"]) == (None, 9)
    assert (shown["startCommand"], shown["healthcheckPath"]) == ("by hand", "/health")


def test_a_rename_is_in_place_and_not_onto_another_service(stack: Any, cloud: Any) -> None:
    before = stack.up("Service")
    assert stack.up("Service", name="shop").id == before.id
    assert [service["name"] for service in cloud.railway.state()["services"]] == ["shop"]
    cloud.railway.seed({"services": [{"name": "taken"}]})
    with pytest.raises(UserError, match="has a service named taken already"):
        stack.up("Service", name="taken")


def test_adopt_alone_is_no_change(stack: Any) -> None:
    stack.up("Service")
    assert stack.changes("Service", adopt=True) == []


def test_a_foreign_service_is_refused_with_its_id_and_the_import_command(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"services": [{"name": "web"}]})
    foreign = cloud.railway.state()["services"][0]["id"]
    inputs = stack.inputs("Service")
    for act in (SERVICE.create, lambda context, given: SERVICE.preview(context, None, given)):
        with pytest.raises(UserError, match=f"pulumi import railway:index:Service web [^ ]*/{foreign}") as caught:
            act(cloud.context(), inputs)
        assert "not made by this stack" in str(caught.value)
    assert cloud.operations("mutation") == []
    assert cloud.operations().count("variables") == 2, "one that is not new is looked at once"


@pytest.mark.parametrize(("owner", "looks"), [(None, 6), ("urn:of-another-stack its-state", 1)])
def test_a_new_service_without_an_owner_gets_the_time_that_reads_may_lag(
    stack: Any, cloud: Any, owner: str | None, looks: int
) -> None:
    cloud.railway.seed({"services": [{"name": "web", "variables": {MARKER: owner} if owner else {}}]})
    next(iter(cloud.railway.world.services.values())).created_at = datetime.now(UTC)
    with pytest.raises(UserError, match="not made by this stack"):
        stack.up("Service")
    assert cloud.operations().count("variables") == looks
    assert cloud.operations("mutation") == []


def test_a_foreign_service_is_adopted_when_asked(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"services": [{"name": "web"}]})
    state = stack.up("Service", adopt=True)
    assert state.outputs["serviceId"] == cloud.railway.state()["services"][0]["id"]
    assert cloud.operations("mutation") == ["serviceInstanceUpdate"]


def test_several_services_of_the_name_are_an_error_even_with_adopt(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"services": [{"name": "web"}, {"name": "web"}]})
    with pytest.raises(UserError, match="has 2 services named web"):
        stack.up("Service", adopt=True)


def test_a_service_is_found_on_a_later_page(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"services": [{"name": f"other-{n}"} for n in range(5)], "behaviour": {"page_size": 2}})
    cloud.railway.seed({"services": [{"name": "web"}]})
    with pytest.raises(UserError, match="not made by this stack"):
        stack.up("Service")


def test_a_lost_answer_to_the_create_is_resolved_by_looking(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceCreate", "drop_after")
    state = stack.up("Service")
    assert [service["id"] for service in cloud.railway.state()["services"]] == [state.outputs["serviceId"]]
    assert cloud.operations("mutation").count("serviceCreate") == 1


def test_a_lost_answer_is_resolved_although_the_owner_does_not_show_yet(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"read_lag": 0.2}})
    cloud.fault("serviceCreate", "drop_after")
    state = stack.up("Service")
    assert [service["id"] for service in cloud.railway.state()["services"]] == [state.outputs["serviceId"]]


def test_a_create_that_never_arrived_says_so_and_the_next_run_makes_it(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceCreate", "drop_before")
    with pytest.raises(UserError, match="nothing was made: run again"):
        stack.up("Service")
    stack.up("Service")
    assert len(cloud.railway.state()["services"]) == 1


def test_a_service_of_a_run_that_was_cut_off_is_known_again(stack: Any, cloud: Any) -> None:
    first = stack.up("Service")
    stack.states.clear()
    assert stack.up("Service").id == first.id
    assert len(cloud.railway.state()["services"]) == 1


@pytest.mark.parametrize(
    "other", [{"urn": "urn:pulumi:other::shop::railway:index:Service::web"}, {"stack": "another-state"}, {"stack": ""}]
)
def test_another_stacks_service_is_not_taken_for_ours(stack: Any, cloud: Any, other: dict[str, str]) -> None:
    stack.up("Service")
    with pytest.raises(UserError, match="not made by this stack"):
        SERVICE.create(cloud.context(**other), stack.inputs("Service"))


def test_settings_that_are_refused_leave_a_service_that_the_next_run_continues(
    stack: Any, cloud: Any, failing: Any
) -> None:
    cloud.fault("serviceInstanceUpdate", "graphql_error", message="Problem processing request")
    failure = failing("Service")
    assert "exists, but" in failure.reasons[0]
    assert "traceId" in failure.reasons[0]
    after = SERVICE.update(cloud.context(), stack.states["Service"], stack.inputs("Service"))
    assert live(cloud, after.outputs["serviceId"])["healthcheckPath"] == "/health"
    assert len(cloud.railway.state()["services"]) == 1


@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "as recorded"])
def test_what_a_failed_update_set_is_cleared_when_it_is_taken_back(
    stack: Any, cloud: Any, failing: Any, refreshed: bool
) -> None:
    before = stack.up("Service")
    cloud.fault("serviceInstance", "graphql_error", message="No.")
    failing("Service", startCommand="serve")
    assert live(cloud, before.outputs["serviceId"])["startCommand"] == "serve"
    if refreshed:
        assert stack.refresh("Service").inputs["startCommand"] == "serve"
    SERVICE.update(cloud.context(), stack.states["Service"], stack.inputs("Service"))
    assert live(cloud, before.outputs["serviceId"])["startCommand"] is None


def test_a_setting_that_does_not_take_is_named(stack: Any, cloud: Any, failing: Any) -> None:
    cloud.railway.seed({"behaviour": {"read_lag": 60.0}})
    failure = failing("Service", drainingSeconds=7)
    assert "drainingSeconds (asked 7, shows None)" in failure.reasons[0]


def test_reads_that_lag_are_waited_for(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"read_lag": 0.05}})
    stack.up("Service", drainingSeconds=7)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ServiceInstance.healthcheckPath": "removed"}, "serviceInstance: Cannot query field 'healthcheckPath'"),
        ({"ServiceInstance.healthcheckPath": "retyped"}, "API changed: field serviceInstance.healthcheckPath is list"),
        ({"ServiceInstanceUpdateInput.healthcheckPath": "removed"}, "unknown field 'healthcheckPath'"),
    ],
)
def test_a_schema_that_changed_loses_nothing(
    stack: Any, cloud: Any, failing: Any, changes: dict[str, str], said: str
) -> None:
    cloud.railway.seed({"behaviour": {"schema_changes": changes}})
    (reason,) = failing("Service").reasons
    assert said in reason
    assert "Railway, serviceInstance" in reason
    assert "API changed" in reason
    cloud.railway.seed({"behaviour": {"schema_changes": {}}})
    state = SERVICE.update(cloud.context(), stack.states["Service"], stack.inputs("Service"))
    assert live(cloud, state.outputs["serviceId"])["healthcheckPath"] == "/health"
    assert [service["id"] for service in cloud.railway.state()["services"]] == [state.outputs["serviceId"]]


def test_a_health_check_refused_before_the_first_deployment_is_left_for_later(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"refuse_early_healthcheck": True}})
    state = stack.up("Service", drainingSeconds=7)
    shown = live(cloud, state.outputs["serviceId"])
    assert (shown["healthcheckPath"], shown["drainingSeconds"]) == (None, 7)
    assert "refuses healthcheckPath before the first deployment" in cloud.messages.text
    stack.refresh("Service")
    assert stack.changes("Service", drainingSeconds=7) == ["healthcheckPath"]


def test_a_service_deleted_by_hand_is_gone_and_deletes_without_error(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.railway.delete_service("web")
    with pytest.raises(PartialFailure, match=r"serviceInstanceUpdate: .* or run `pulumi up --refresh`"):
        stack.up("Service", healthcheckPath="/other")
    assert stack.refresh("Service") is None
    stack.delete("Service")


def test_an_outage_is_never_gone(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.fault("serviceInstance", "graphql_error", message="Not Authorized")
    with pytest.raises(NotFound):
        stack.refresh("Service")
    cloud.fault("serviceInstance", "revoke_token")
    with pytest.raises(TokenError, match="expired, revoked or mistyped"):
        stack.refresh("Service")


def test_an_unknown_environment_or_project_stops_before_any_write(stack: Any, cloud: Any) -> None:
    with pytest.raises(UserError, match=r"is not in project delightful-cat .* production"):
        stack.up("Service", environmentId="00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFound, match="The token works"):
        stack.up("Service", projectId="00000000-0000-0000-0000-000000000000")
    assert cloud.operations("mutation") == []


def test_an_import_shows_what_is_not_default(stack: Any, cloud: Any) -> None:
    state = stack.up("Service", drainingSeconds=7)
    imported = SERVICE.read(cloud.context(), State(state.id, {}, {}))
    assert imported is not None
    assert imported.inputs == state.inputs


def test_a_move_to_another_environment_deletes_first_where_the_name_would_clash(stack: Any) -> None:
    state = stack.up("Service")
    assert SERVICE.diff(state, stack.inputs("Service", environmentId="other")).delete_before_replace
    assert not SERVICE.diff(state, stack.inputs("Service", environmentId="other", name="new")).delete_before_replace
    assert not SERVICE.diff(state, stack.inputs("Service", projectId="other")).delete_before_replace


def test_a_service_of_another_environment_is_not_taken_over(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"forks": ["staging"]})
    state = stack.up("Service")
    account = cloud.client(Credentials(cloud.railway.world.seed.account_token, "bearer"))
    context = dataclasses.replace(cloud.context(), api=account)
    fork = next(each.id for each in cloud.railway.world.environments.values() if each.name == "staging")
    elsewhere = {**state.inputs, "environmentId": fork, "adopt": True}
    assert SERVICE.preview(context, None, elsewhere)["serviceId"] is UNKNOWN
    account.close()


def test_a_new_service_carries_its_owner(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    assert cloud.railway.state()["services"][0]["variables"] == [MARKER]


class TestPreview:
    def test_a_create_is_proved_by_one_read(self, stack: Any, cloud: Any) -> None:
        inputs = stack.inputs("Service")
        outputs = SERVICE.preview(cloud.context(), None, inputs)
        assert outputs == {**inputs, "serviceId": UNKNOWN, "revision": UNKNOWN}
        assert cloud.operations() == ["project"]

    @pytest.mark.parametrize(
        ("credentials", "told"),
        [
            (Credentials("account-token", "project"), r"is an account or workspace token \(RAILWAY_API_TOKEN"),
            (Credentials("project-token", "bearer"), r"is a project token \(RAILWAY_TOKEN"),
            (Credentials("nonsense", "project"), "expired, revoked or mistyped"),
        ],
    )
    def test_a_token_in_the_wrong_header_is_found(
        self, stack: Any, cloud: Any, credentials: Credentials, told: str
    ) -> None:
        cloud.api = cloud.client(credentials)
        with pytest.raises(TokenError, match=told) as caught:
            SERVICE.preview(cloud.context(), None, stack.inputs("Service"))
        assert credentials.token not in str(caught.value)

    @pytest.mark.parametrize("token", ["project-token", "account-token"])
    def test_a_token_of_unknown_kind_is_probed(self, stack: Any, cloud: Any, token: str) -> None:
        cloud.api = cloud.client(Credentials(token))
        SERVICE.preview(cloud.context(), None, stack.inputs("Service"))
        assert cloud.operations() == ["projectToken", "project"]

    def test_without_a_token_it_says_what_was_not_checked(self, stack: Any, cloud: Any) -> None:
        cloud.api.has_token = False
        SERVICE.preview(cloud.context(), None, stack.inputs("Service"))
        assert cloud.operations() == []
        assert "Not checked in this preview" in cloud.messages.text

    def test_an_update_asks_nothing(self, stack: Any, cloud: Any) -> None:
        state = stack.up("Service")
        cloud.calls.clear()
        outputs = SERVICE.preview(cloud.context(), state, stack.inputs("Service", drainingSeconds=3))
        assert (outputs["serviceId"], outputs["revision"]) == (state.outputs["serviceId"], UNKNOWN)
        assert cloud.calls.list() == []
