"""The protocol: who may call, what an error looks like, limits, faults, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.core.faults import Fault

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
NOBODY = "00000000-0000-0000-0000-000000000000"
NAME = "query($id: String!) { project(id: $id) { name } }"
CREATE = "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }"


@pytest.mark.parametrize(
    "query",
    [
        'mutation { deploymentTrigger(input: {serviceId: "a", environmentId: "b"}) { id } }',
        'query { project(id: "a", name: "b") { id } }',
        'query { service(id: "a") { serviceInstances(environmentId: "a") { __typename } } }',
        "query { project { id } }",
        'mutation { deploymentRollback(id: "a") { id } }',
        'mutation { serviceInstanceUpdate(serviceId: "a", input: {builder: DOCKERFILE}) }',
        'mutation { serviceInstanceUpdate(serviceId: "a", input: {branch: "main"}) }',
    ],
)
def test_what_the_schema_does_not_know_is_a_validation_error(cloud: Cloud, query: str) -> None:
    response = cloud.api.post(query)
    assert response.status_code == 400
    body = response.json()
    assert "data" not in body
    assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


def test_a_schema_that_changed_refuses_and_answers_otherwise(cloud: Cloud) -> None:
    cloud.railway.seed({"behaviour": {"schema_changes": {"Project.name": "removed"}}})
    response = cloud.api.post(NAME, id=PROJECT)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["message"] == "Cannot query field 'name' on type 'Project'."
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    cloud.railway.seed({"behaviour": {"schema_changes": {"Project.name": "retyped"}}})
    assert cloud.api.data(NAME, id=PROJECT) == {"project": {"name": ["delightful-cat"]}}
    cloud.railway.seed({"behaviour": {"schema_changes": {}}})
    assert cloud.api.data(NAME, id=PROJECT) == {"project": {"name": "delightful-cat"}}


def test_a_value_of_the_wrong_kind_is_refused_before_anything_happens(cloud: Cloud) -> None:
    service = cloud.create_service()
    query = """mutation($service: String!, $input: ServiceInstanceUpdateInput!) {
        serviceInstanceUpdate(serviceId: $service, input: $input) }"""
    for given in ({"builder": "DOCKERFILE"}, {"healthcheckTimeout": "soon"}, {"branch": "main"}):
        response = cloud.api.post(query, service=service, input=given)
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "BAD_USER_INPUT"),
        (b"[]", "BAD_USER_INPUT"),
        (b'{"query": 1}', "BAD_USER_INPUT"),
        (b'{"query": "query { me { id } }", "variables": []}', "BAD_USER_INPUT"),
        (b'{"query": "query a { me { id } }", "operationName": "b"}', "BAD_USER_INPUT"),
        (b'{"query": "query {"}', "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_what_is_no_request_is_refused(cloud: Cloud, content: bytes, code: str) -> None:
    response = cloud.client.post("/graphql/v2", content=content, headers=cloud.api.headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == code


def test_an_application_error_has_railway_s_shape(cloud: Cloud) -> None:
    response = cloud.api.post(NAME, id=NOBODY)
    assert response.status_code == 200
    body = response.json()
    (error,) = body["errors"]
    assert body["data"] is None
    assert (error["message"], error["path"]) == ("Not Authorized", ["project"])
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert error["traceId"].isdigit()
    assert error["traceId"] != cloud.api.post(NAME, id=NOBODY).json()["errors"][0]["traceId"]


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphql/v1"])
def test_another_path_answers_like_a_rest_api(cloud: Cloud, path: str) -> None:
    response = cloud.client.post(path, json={})
    assert response.status_code == 404
    assert set(response.json()) == {"message", "requestId"}


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "Not Authorized"),
        ({"authorization": "Bearer wrong"}, "Not Authorized"),
        ({"authorization": "account-token"}, "Not Authorized"),
        ({"authorization": "Bearer project-token"}, "Not Authorized"),
        ({"project-access-token": "wrong"}, "Project Token not found"),
        ({"project-access-token": "account-token"}, "Project Token not found"),
    ],
)
def test_every_operation_wants_a_good_token_in_its_own_header(
    cloud: Cloud, headers: dict[str, str], error: str
) -> None:
    caller = cloud.caller(headers)
    assert caller.error(NAME, id=PROJECT) == error
    assert caller.error(CREATE, input={"projectId": PROJECT}) == error
    assert caller.error('query { githubRepo(fullRepoName: "acme/shop") { id } }') == error
    assert not [call for call in cloud.calls.list() if call.authorised]
    assert cloud.railway.state() == {"services": []}


def test_the_schema_can_be_asked_for_without_a_token(cloud: Cloud) -> None:
    found = cloud.caller({}).data("query { __schema { queryType { name } } }")
    assert found == {"__schema": {"queryType": {"name": "Query"}}}


def test_each_kind_of_token_tells_what_it_is(cloud: Cloud) -> None:
    cloud.railway.seed({"workspaceTokens": ["workspace-token"]})
    workspace = cloud.caller({"authorization": "Bearer workspace-token"})
    who, kinds = "query { me { id email workspaces { name } } }", "query { apiToken { workspaces { id name } } }"
    place = "query { projectToken { projectId environmentId name displayToken project { name } environment { name } } }"
    assert cloud.account.data(who)["me"]["email"] == "user@localhost"
    assert cloud.account.data(kinds) == workspace.data(kinds)
    found = cloud.api.data(place)["projectToken"]
    assert (found["projectId"], found["environmentId"]) == (PROJECT, ENVIRONMENT)
    assert (found["project"]["name"], found["environment"]["name"]) == ("delightful-cat", "production")
    assert "project-token" not in found["displayToken"]
    assert workspace.error(who) == cloud.api.error(who) == "Not Authorized"
    assert cloud.api.error(kinds) == "Not Authorized"
    assert cloud.account.error(place) == workspace.error(place) == "Project Token not found"


def test_a_project_token_reaches_one_environment_only(cloud: Cloud) -> None:
    cloud.railway.seed({"forks": ["preview"]})
    query = "query($id: String!) { environments(projectId: $id) { edges { node { id name isEphemeral canAccess } } } }"
    production, fork = (edge["node"] for edge in cloud.api.data(query, id=PROJECT)["environments"]["edges"])
    assert (production["canAccess"], fork["canAccess"], fork["isEphemeral"]) == (True, False, True)
    one = "query($id: String!) { environment(id: $id) { name sourceEnvironment { name } } }"
    assert cloud.api.error(one, id=fork["id"]) == "Not Authorized"
    found = cloud.account.data(one, id=fork["id"])["environment"]
    assert found == {"name": "preview", "sourceEnvironment": {"name": "production"}}


def test_the_headers_count_the_requests_of_each_token_down(cloud: Cloud) -> None:
    cloud.railway.seed({"behaviour": {"requests_per_hour": 2}})
    answers = [cloud.api.post(NAME, id=PROJECT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"2"}
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600
    assert "retry-after" not in answers[1].headers
    assert cloud.account.post(NAME, id=PROJECT).status_code == 200
    cloud.railway.reset()
    assert cloud.api.post(NAME, id=PROJECT).status_code == 200


def test_calls_are_logged_by_their_root_field(cloud: Cloud) -> None:
    cloud.api.post(NAME, id=PROJECT)
    cloud.create_service()
    cloud.caller({}).post("query { me { id } apiToken { workspaces { id } } }")
    cloud.api.post("mutation { deploymentTrigger(input: {}) { id } }")
    cloud.api.post("query {")
    seen = [(call.service, call.operation, call.kind, call.authorised) for call in cloud.calls.list()]
    assert seen == [
        ("railway", "project", "query", True),
        ("railway", "serviceCreate", "mutation", True),
        ("railway", "me,apiToken", "query", False),
        ("railway", "deploymentTrigger", "mutation", True),
        ("railway", "invalid", "query", True),
    ]


def fault(operation: str, action: Any, **fields: Any) -> Fault:
    return Fault("railway", operation, action, **fields)


def test_a_fault_meets_its_operation_once(cloud: Cloud) -> None:
    cloud.faults.add(fault("project", "status", code=503, body="later", headers={"x-a": "b"}))
    cloud.create_service()
    answer = cloud.api.post(NAME, id=PROJECT)
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (503, "later", "b")
    assert cloud.api.data(NAME, id=PROJECT)["project"]["name"] == "delightful-cat"


def test_faults_in_the_answer(cloud: Cloud) -> None:
    cloud.faults.add(fault("project", "graphql_error", message="Problem"))
    cloud.faults.add(fault("project", "null_data"))
    cloud.faults.add(fault("project", "html", code=502))
    assert cloud.api.error(NAME, id=PROJECT) == "Problem"
    assert cloud.api.post(NAME, id=PROJECT).json() == {"data": None}
    page = cloud.api.post(NAME, id=PROJECT)
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (502, "text/html")


@pytest.mark.parametrize(("action", "created"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_answer_may_have_had_its_effect(cloud: Cloud, action: str, created: int) -> None:
    cloud.faults.add(fault("serviceCreate", action))
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.api.post(CREATE, input={"projectId": PROJECT, "name": "web"})
    assert len(cloud.railway.state()["services"]) == created


def test_a_token_is_revoked_midway(cloud: Cloud) -> None:
    cloud.faults.add(fault("serviceCreate", "revoke_token"))
    assert cloud.api.data(NAME, id=PROJECT)
    assert cloud.api.error(CREATE, input={"projectId": PROJECT}) == "Project Token not found"
    assert cloud.api.error(NAME, id=PROJECT) == "Project Token not found"
    assert cloud.account.data(NAME, id=PROJECT)
    cloud.railway.reset()
    assert cloud.api.data(NAME, id=PROJECT)


def test_pages_follow_each_other_to_the_last(cloud: Cloud) -> None:
    made = [cloud.create_service(f"service-{number}") for number in range(5)]
    cloud.railway.seed({"behaviour": {"page_size": 2}})
    query = """query($id: String!, $first: Int, $after: String, $last: Int, $before: String) { project(id: $id) {
        services(first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    def page(**arguments: Any) -> tuple[list[str], dict[str, Any]]:
        found = cloud.api.data(query, id=PROJECT, **arguments)["project"]["services"]
        return [edge["node"]["id"] for edge in found["edges"]], found["pageInfo"]

    seen, after, more = [], None, True
    while more:
        ids, info = page(first=100, after=after)
        seen += ids
        after, more = info["endCursor"], info["hasNextPage"]
    assert seen == made
    ids, info = page(last=1)
    assert (ids, info["hasNextPage"], info["hasPreviousPage"]) == (made[-1:], False, True)
    assert page(last=2, before=info["startCursor"])[0] == made[2:4]
    assert cloud.api.error(query, id=PROJECT, first=-1) == "Invalid input"
    assert cloud.api.error(query, id=PROJECT, after="nonsense") == "Invalid input"
