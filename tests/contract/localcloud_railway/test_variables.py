"""Variables: rendered and not, merged and replaced, and when a write deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
PLACE = {"projectId": PROJECT, "environmentId": ENVIRONMENT}
UPSERT = "mutation($input: VariableUpsertInput!) { variableUpsert(input: $input) }"
COLLECTION = "mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }"
DELETE = "mutation($input: VariableDeleteInput!) { variableDelete(input: $input) }"
SHARED = """query($project: String!, $environment: String!, $unrendered: Boolean) {
    variables(projectId: $project, environmentId: $environment, unrendered: $unrendered) }"""


def upsert(cloud: Cloud, service: str | None, name: str, value: str, **more: Any) -> None:
    assert cloud.api.data(UPSERT, input={**PLACE, "serviceId": service, "name": name, "value": value, **more})


def deployments(cloud: Cloud) -> int:
    return len(cloud.railway.deployments())


def test_a_collection_is_merged_and_replaces_only_when_told(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.set_variables(service, A="1", B="2")
    cloud.set_variables(service, B="3", EMPTY="")
    assert cloud.variables(service) == {"A": "1", "B": "3", "EMPTY": ""}
    given = {**PLACE, "serviceId": service, "variables": {"C": "4"}, "replace": True}
    cloud.api.data(COLLECTION, input=given)
    assert cloud.variables(service) == {"C": "4"}


@pytest.mark.parametrize("variables", [{"1A": "x"}, {"A B": "x"}, {"": "x"}, {"A": 1}, {"A": None}])
def test_bad_names_and_values_are_refused_and_nothing_is_written(cloud: Cloud, variables: dict[str, Any]) -> None:
    service = cloud.create_service()
    given = {**PLACE, "serviceId": service, "variables": {"GOOD": "1", **variables}}
    assert cloud.api.error(COLLECTION, input=given) == "Invalid input"
    assert cloud.variables(service) == {}


def test_references_are_resolved_and_railway_s_own_names_added(cloud: Cloud) -> None:
    database = cloud.create_service("Postgres", variables={"URL": "postgres://${{USER}}@db", "USER": "me"})
    upsert(cloud, None, "TIER", "gold")
    service = cloud.create_service("web")
    raw = {
        "DATABASE": "${{Postgres.URL}}",
        "TIER": "${{ shared.TIER }}",
        "SELF": "${{RAILWAY_SERVICE_NAME}}!",
        "MISSING": "a${{postgres.URL}}b",
        "LOOP": "${{LOOP}}",
    }
    cloud.set_variables(service, **raw)
    assert cloud.variables(service) == raw
    rendered = cloud.variables(service, unrendered=False)
    assert rendered["DATABASE"] == "postgres://me@db"
    assert (rendered["TIER"], rendered["SELF"]) == ("gold", "web!")
    assert (rendered["MISSING"], rendered["LOOP"]) == ("ab", ""), "service names are case-sensitive"
    assert rendered["RAILWAY_PROJECT_ID"] == PROJECT
    query = (
        "query($id: String!) { environment(id: $id) { variables { edges { node { name serviceId references } } } } }"
    )
    rows = [edge["node"] for edge in cloud.api.data(query, id=ENVIRONMENT)["environment"]["variables"]["edges"]]
    assert {"name": "DATABASE", "serviceId": service, "references": ["Postgres.URL"]} in rows
    assert {"name": "TIER", "serviceId": None, "references": []} in rows
    assert {row["serviceId"] for row in rows} == {None, service, database}


def test_a_write_deploys_a_deployed_service_only(cloud: Cloud) -> None:
    service = cloud.create_service()
    upsert(cloud, service, "A", "1")
    cloud.api.data(DELETE, input={**PLACE, "serviceId": service, "name": "A"})
    assert deployments(cloud) == 0
    first = cloud.connect(service)
    cloud.await_status(first, "FAILED")  # no Dockerfile at the top, but a snapshot
    upsert(cloud, service, "A", "2", skipDeploys=True)
    assert deployments(cloud) == 1
    upsert(cloud, service, "A", "3")
    assert deployments(cloud) == 2
    cloud.api.data(COLLECTION, input={**PLACE, "serviceId": service, "variables": {"A": "4", "B": "5"}})
    assert deployments(cloud) == 3
    cloud.api.data(DELETE, input={**PLACE, "serviceId": service, "name": "A"})
    assert deployments(cloud) == 4
    assert cloud.variables(service) == {"B": "5"}
    assert [item["reason"] for item in cloud.railway.deployments()] == ["deploy", "change", "change", "change"]


def test_a_shared_variable_deploys_the_services_that_use_it(cloud: Cloud) -> None:
    using, other = cloud.create_service("using"), cloud.create_service("other")
    cloud.set_variables(using, TIER="${{shared.TIER}}")
    for service in (using, other):
        cloud.await_status(cloud.connect(service), "FAILED")
    upsert(cloud, None, "TIER", "gold")
    assert [item["serviceId"] for item in cloud.railway.deployments()] == [using, other, using]
    found = cloud.api.data(SHARED, project=PROJECT, environment=ENVIRONMENT, unrendered=True)
    assert found == {"variables": {"TIER": "gold"}}


def test_too_many_deployments_are_refused_though_the_value_is_written(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.await_status(cloud.connect(service), "FAILED")
    cloud.railway.seed({"behaviour": {"deployments_per_minute": 2}})
    upsert(cloud, service, "A", "1")
    error = cloud.api.error(UPSERT, input={**PLACE, "serviceId": service, "name": "A", "value": "2"})
    assert error == "Service deployment rate limit exceeded"
    assert deployments(cloud) == 2
    assert cloud.variables(service) == {"A": "2"}


def test_sealed_variables_cannot_be_read(cloud: Cloud, until: Any) -> None:
    service = cloud.create_service()
    patch = {"services": {service: {"variables": {"KEY": {"value": "hidden", "isSealed": True}}}}}
    query = """mutation($id: String!, $patch: EnvironmentConfig) {
        environmentPatchCommit(environmentId: $id, patch: $patch) }"""
    cloud.api.data(query, id=ENVIRONMENT, patch=patch)
    until(lambda: "KEY" in cloud.variables(service))
    assert cloud.variables(service) == {"KEY": None}
    assert cloud.variables(service, unrendered=False)["KEY"] is None
    config = "query($id: String!) { environment(id: $id) { config(decryptVariables: true) } }"
    assert "hidden" not in cloud.api.post(config, id=ENVIRONMENT).text
    cloud.set_variables(service, KEY="newer")
    assert cloud.variables(service) == {"KEY": None}, "a new value stays sealed"


def test_a_foreign_place_is_refused(cloud: Cloud) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    service = cloud.create_service()
    for place in ({"projectId": nobody}, {"environmentId": nobody}, {"serviceId": nobody}):
        given = {**PLACE, "serviceId": service, "name": "A", "value": "1", **place}
        assert cloud.api.error(UPSERT, input=given) == "Not Authorized"
    assert cloud.variables(service) == {}
