"""Every field that the schema promises can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from localcloud.railway.schema import load

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
SCHEMA = load()


def selection(schema: GraphQLSchema, name: str, seen: frozenset[str]) -> str:
    """All fields of a type; a type inside itself is left out."""
    parent = schema.type_map[name]
    assert isinstance(parent, GraphQLObjectType)
    parts = []
    for field, definition in parent.fields.items():
        kind = get_named_type(definition.type)
        if is_leaf_type(kind):
            parts.append(field)
        elif kind.name not in seen and (inner := selection(schema, kind.name, seen | {kind.name})):
            parts.append(f"{field} {{ {inner} }}")
    return " ".join(parts)


def test_all_fields_of_all_objects_have_an_answer(cloud: Cloud) -> None:
    service, domain, deployment = cloud.launched(A="${{B}}", B="1")
    cloud.serving(domain, "one")
    place = f'environmentId: "{ENVIRONMENT}", serviceId: "{service}"'
    cloud.api.data(
        f'mutation {{ volumeCreate(input: {{{place}, projectId: "{PROJECT}", mountPath: "/data"}}) {{ id }} }}'
    )
    cloud.api.data(
        f'mutation {{ customDomainCreate(input: {{{place}, projectId: "{PROJECT}", domain: "a.b.org"}}) {{ id }} }}'
    )
    reads = {
        "project": f'(id: "{PROJECT}")',
        "projects": "(includeDeleted: true)",
        "environment": f'(id: "{ENVIRONMENT}")',
        "environments": f'(projectId: "{PROJECT}")',
        "service": f'(id: "{service}")',
        "serviceInstance": f"({place})",
        "serviceInstanceAutoDeployStatus": f'({place}, projectId: "{PROJECT}")',
        "deployment": f'(id: "{deployment}")',
        "deployments": f'(input: {{serviceId: "{service}"}})',
        "deploymentEvents": f'(id: "{deployment}")',
        "buildLogs": f'(deploymentId: "{deployment}", startDate: "2020-01-01T00:00:00")',
        "deploymentLogs": f'(deploymentId: "{deployment}", endDate: "2999-01-01T00:00:00Z")',
        "deploymentTriggers": f'({place}, projectId: "{PROJECT}")',
        "variables": f'({place}, projectId: "{PROJECT}")',
        "variablesForServiceDeployment": f'({place}, projectId: "{PROJECT}")',
        "environmentStagedChanges": f'(environmentId: "{ENVIRONMENT}")',
        "domains": f'({place}, projectId: "{PROJECT}")',
        "serviceDomainAvailable": f'(domain: "{domain}")',
        "projectToken": "",
        "apiToken": "",
        "me": "",
        "githubRepos": "",
        "githubRepo": '(fullRepoName: "acme/shop")',
        "githubRepoBranches": '(owner: "acme", repo: "shop")',
        "gitHubRepoAccessAvailable": '(fullRepoName: "acme/shop")',
    }
    assert SCHEMA.query_type
    assert reads.keys() == SCHEMA.query_type.fields.keys()
    for field, arguments in reads.items():
        kind = get_named_type(SCHEMA.query_type.fields[field].type)
        fields = "" if is_leaf_type(kind) else f" {{ {selection(SCHEMA, kind.name, frozenset({kind.name}))} }}"
        caller = cloud.api if field == "projectToken" else cloud.account
        found = caller.data(f"query {{ {field}{arguments}{fields} }}")[field]
        assert found, field


def test_dates_cut_logs(cloud: Cloud) -> None:
    _, _, deployment = cloud.launched()
    cloud.railway.plant_log(deployment, "now")
    query = """query($id: String!, $start: DateTime, $end: DateTime) {
        deploymentLogs(deploymentId: $id, startDate: $start, endDate: $end) { timestamp message } }"""
    logs = cloud.api.data(query, id=deployment)["deploymentLogs"]
    moment = logs[-1]["timestamp"][:26] + "Z"
    assert cloud.api.data(query, id=deployment, start=moment)["deploymentLogs"][0]["timestamp"] >= moment[:26]
    assert cloud.api.data(query, id=deployment, end="2020-01-01T00:00:00Z")["deploymentLogs"] == []
    assert cloud.api.post(query, id=deployment, start="yesterday").status_code == 400
