"""Staged changes: collected, then committed as one, with everybody's edits and one deployment a service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway import Speed

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
STAGE = """mutation($id: String!, $input: EnvironmentConfig!, $merge: Boolean) {
    environmentStageChanges(environmentId: $id, input: $input, merge: $merge) { id status patch } }"""
STAGED = (
    """query($id: String!) { environmentStagedChanges(environmentId: $id) { status patch(decryptVariables: true) } }"""
)
COMMIT = """mutation($id: String!, $skip: Boolean) {
    environmentPatchCommitStaged(environmentId: $id, skipDeploys: $skip, commitMessage: "why") }"""
PATCH = (
    "mutation($id: String!, $patch: EnvironmentConfig) { environmentPatchCommit(environmentId: $id, patch: $patch) }"
)
STATE = "query($id: String!) { environment(id: $id) { unmergedChangesCount configEtag config } }"
Until = Callable[..., Any]


def state(cloud: Cloud) -> dict[str, Any]:
    return dict(cloud.api.data(STATE, id=ENVIRONMENT)["environment"])


def applied(cloud: Cloud, until: Until) -> None:
    until(lambda: cloud.railway.world.environments[ENVIRONMENT].applying is None)


def deployed(cloud: Cloud) -> str:
    service = cloud.create_service()
    cloud.await_status(cloud.connect(service), "FAILED")  # no Dockerfile at the top, but a snapshot
    return service


def test_changes_are_merged_or_replaced_and_counted(cloud: Cloud) -> None:
    one, two = cloud.create_service("one"), cloud.create_service("two")
    before = state(cloud)
    cloud.api.data(STAGE, id=ENVIRONMENT, input={"services": {one: {"deploy": {"startCommand": "a"}}}})
    secret = {"services": {two: {"variables": {"A": {"value": "secret"}}}}}
    found = cloud.api.data(STAGE, id=ENVIRONMENT, input=secret, merge=True)["environmentStageChanges"]
    assert found["status"] == "STAGED"
    assert found["patch"]["services"][two]["variables"] == {"A": {"value": "*****"}}
    assert state(cloud)["unmergedChangesCount"] == 2
    assert cloud.api.data(STAGED, id=ENVIRONMENT)["environmentStagedChanges"]["patch"] == {
        "services": {one: {"deploy": {"startCommand": "a"}}, **secret["services"]}
    }
    assert state(cloud)["configEtag"] == before["configEtag"], "nothing is written yet"
    cloud.api.data(STAGE, id=ENVIRONMENT, input=secret)
    assert state(cloud)["unmergedChangesCount"] == 1


def test_one_commit_writes_variables_deletes_and_settings_with_one_deployment(cloud: Cloud, until: Until) -> None:
    service = deployed(cloud)
    cloud.set_variables(service, KEEP="1", DROP="2")
    etag = state(cloud)["configEtag"]
    patch = {
        "variables": {"DROP": None, "NEW": {"value": "3"}},
        "build": {"builder": "DOCKERFILE", "dockerfilePath": "x/Dockerfile"},
        "deploy": {"healthcheckPath": "/health"},
        "source": {"rootDirectory": "services/web"},
    }
    cloud.api.data(PATCH, id=ENVIRONMENT, patch={"services": {service: patch}})
    applied(cloud, until)
    assert cloud.variables(service) == {"KEEP": "1", "NEW": "3"}
    config = state(cloud)["config"]["services"][service]
    assert config["build"] == {"builder": "DOCKERFILE", "dockerfilePath": "x/Dockerfile"}
    assert config["deploy"] == {"healthcheckPath": "/health"}
    assert config["source"]["rootDirectory"] == "services/web"
    assert config["variables"] == {"KEEP": {"value": "*****"}, "NEW": {"value": "*****"}}
    assert [item["reason"] for item in cloud.railway.deployments()] == ["deploy", "change"]
    assert state(cloud)["configEtag"] != etag


def test_a_commit_carries_everybody_s_edits_and_may_skip_the_deployment(cloud: Cloud, until: Until) -> None:
    service = deployed(cloud)
    cloud.api.data(STAGE, id=ENVIRONMENT, input={"services": {service: {"variables": {"THEIRS": {"value": "1"}}}}})
    ours = {"services": {service: {"variables": {"OURS": {"value": "2"}}}}}
    cloud.api.data(STAGE, id=ENVIRONMENT, input=ours, merge=True)
    assert cloud.variables(service) == {}
    cloud.api.data(COMMIT, id=ENVIRONMENT, skip=True)
    applied(cloud, until)
    assert cloud.variables(service) == {"THEIRS": "1", "OURS": "2"}
    assert len(cloud.railway.deployments()) == 1
    assert state(cloud)["unmergedChangesCount"] == 0
    assert cloud.api.error(COMMIT, id=ENVIRONMENT) == "No changes to commit"


def test_the_answer_comes_before_the_effect_and_a_domain_meanwhile_is_refused(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    cloud.railway.world.speed = Speed(step=2)
    patch = {"services": {service: {"variables": {"A": {"value": "1"}}}}, "sharedVariables": {"S": {"value": "2"}}}
    cloud.api.data(PATCH, id=ENVIRONMENT, patch=patch)
    assert cloud.variables(service) == {}
    query = "mutation($input: ServiceDomainCreateInput!) { serviceDomainCreate(input: $input) { id } }"
    given = {"environmentId": ENVIRONMENT, "serviceId": service}
    assert cloud.api.error(query, input=given) == "Failed to create service domain, please try again"
    until(lambda: cloud.variables(service) == {"A": "1"})
    assert cloud.api.data(query, input=given)
    assert state(cloud)["config"]["sharedVariables"] == {"S": {"value": "*****"}}


def test_a_service_can_be_deleted_by_a_commit(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    cloud.api.data(PATCH, id=ENVIRONMENT, patch={"services": {service: {"isDeleted": True}}})
    until(lambda: cloud.railway.state() == {"services": []})


def test_a_commit_that_cannot_be_applied_says_so(cloud: Cloud, until: Until) -> None:
    cloud.api.data(PATCH, id=ENVIRONMENT, patch={"services": {"nobody": {"deploy": {}}}})
    applied(cloud, until)
    (patch,) = cloud.railway.world.patches.values()
    assert (patch.status, patch.last_applied_error) == ("COMMITTED", "ServiceInstance not found")


@pytest.mark.parametrize(
    "patch",
    [
        [],
        {"volumes": {}},
        {"services": []},
        {"services": {"a": {"networking": {}}}},
        {"services": {"a": {"build": {"builder": "PAKETO"}}}},
        {"services": {"a": {"deploy": {"branch": "x"}}}},
        {"services": {"a": {"variables": {"A": "plain"}}}},
        {"sharedVariables": {"A": {"value": 1}}},
    ],
)
def test_a_form_that_is_not_known_is_refused(cloud: Cloud, patch: Any) -> None:
    assert cloud.api.error(STAGE, id=ENVIRONMENT, input=patch) == "Invalid input"
    assert state(cloud)["unmergedChangesCount"] == 0
