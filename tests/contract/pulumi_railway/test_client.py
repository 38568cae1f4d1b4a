"""The client against faults of a local Railway: what is repeated, what is not, and what the user is told."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_railway.api import deployments, domains, projects, services
from pulumi_railway.api.errors import (
    AmbiguousResult,
    ApiChanged,
    NotFound,
    RateLimited,
    Refused,
    TokenError,
    Unavailable,
)
from pulumi_railway.api.place import Place
from pulumi_railway.api.retries import RetryPolicy
from tests.retry_after import date_in

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"


def read(cloud: Any) -> projects.Project:
    return projects.read(cloud.api, PROJECT)


def create(cloud: Any) -> str:
    return services.create(cloud.api, PROJECT, ENVIRONMENT, "web", {})


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "code": 500},
        {"action": "status", "code": 502, "body": "<html>Bad gateway</html>"},
        {"action": "html"},
        {"action": "drop_before"},
        {"action": "drop_after"},
    ],
)
def test_a_read_is_repeated(cloud: Any, fault: dict[str, Any]) -> None:
    cloud.fault("project", **fault)
    assert read(cloud).name == "delightful-cat"
    assert cloud.operations() == ["project", "project"]


def test_a_read_that_never_succeeds_ends_with_the_status(cloud: Any) -> None:
    for _ in range(RetryPolicy().attempts):
        cloud.fault("project", "status", code=503, body='{"message": "upstream down", "requestId": "req-77"}')
    with pytest.raises(Unavailable, match=r"Railway, project: upstream down \(HTTP 503, traceId req-77\)\. Run again"):
        read(cloud)
    assert len(cloud.operations()) == RetryPolicy().attempts


@pytest.mark.parametrize(
    "fault",
    [{"action": "drop_before"}, {"action": "drop_after"}, {"action": "html"}, {"action": "status", "code": 500}],
)
def test_a_create_is_never_repeated(cloud: Any, fault: dict[str, Any]) -> None:
    cloud.fault("serviceCreate", **fault)
    with pytest.raises(AmbiguousResult, match="It may have taken effect"):
        create(cloud)
    assert cloud.operations() == ["serviceCreate"]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_rate_limit_is_waited_out_and_told_even_for_a_create(cloud: Any, form: str) -> None:
    later, date = date_in(1)
    value = "0" if form == "seconds" else date
    cloud.fault("serviceCreate", "status", code=429, body="slow down", headers={"Retry-After": value})
    create(cloud)
    assert cloud.operations() == ["serviceCreate"] * 2
    assert "rate limit reached; the limit resets at " in cloud.messages.text
    assert "trying again in" in cloud.messages.text
    assert form == "seconds" or f"{later:%Y-%m-%d %H:%M:%S} UTC" in cloud.messages.text


def test_a_rate_limit_that_lasts_too_long_names_the_time(cloud: Any) -> None:
    cloud.fault("project", "status", code=429, headers={"Retry-After": "3000"})
    with pytest.raises(RateLimited, match=r"the limit resets at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"):
        read(cloud)
    assert cloud.operations() == ["project"]


def test_an_edge_block_is_told_and_not_asked_again(cloud: Any) -> None:
    page = "<html><title>Access denied</title>Error 1015: You are being rate limited</html>"
    cloud.fault("project", "status", code=429, body=page, headers={"content-type": "text/html"})
    with pytest.raises(RateLimited, match=r"page 1015.*wait an hour or more"):
        read(cloud)
    assert cloud.operations() == ["project"]


def test_errors_in_an_answer_with_status_200_are_errors(cloud: Any) -> None:
    cloud.fault("project", "graphql_error", message="Plan limit reached")
    with pytest.raises(Refused, match=r"Railway, project: Plan limit reached.* \(HTTP 200, traceId \d+\)"):
        read(cloud)
    assert cloud.operations() == ["project"]


def test_an_answer_without_data_names_the_field(cloud: Any) -> None:
    cloud.fault("project", "null_data")
    with pytest.raises(ApiChanged, match="API changed: field project is missing"):
        read(cloud)


def test_a_field_that_railway_dropped_is_named_with_its_operation(cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"schema_changes": {"Project.name": "removed"}}})
    with pytest.raises(ApiChanged, match=r"Railway, project: Cannot query field 'name'.*Railway's API changed"):
        read(cloud)


@pytest.mark.parametrize(
    ("field", "said"),
    [("Query.project", "project is list, not dict"), ("Project.name", r"project\.name is list, not str")],
)
def test_a_field_that_railway_retyped_is_named_with_its_operation(cloud: Any, field: str, said: str) -> None:
    cloud.railway.seed({"behaviour": {"schema_changes": {field: "retyped"}}})
    with pytest.raises(ApiChanged, match=f"Railway, project: API changed: field {said}"):
        read(cloud)


def test_an_unknown_id_is_told_from_a_bad_token(cloud: Any) -> None:
    with pytest.raises(NotFound, match=f"The token works .project {PROJECT}, environment {ENVIRONMENT}"):
        projects.read(cloud.api, "00000000-0000-0000-0000-000000000000")
    cloud.fault("project", "revoke_token")
    with pytest.raises(TokenError, match=r"expired, revoked or mistyped\. Make a new one"):
        read(cloud)


def test_what_is_missing_within_scope_is_not_found(cloud: Any) -> None:
    with pytest.raises(NotFound):
        deployments.read(cloud.api, "00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFound):
        domains.read(cloud.api, Place(PROJECT, ENVIRONMENT, "00000000-0000-0000-0000-000000000000"))


def test_the_rate_limit_headers_are_read(cloud: Any) -> None:
    read(cloud)
    assert cloud.api.rate_limit.remaining == 9_999


def test_the_token_is_in_no_error(cloud: Any) -> None:
    cloud.fault("project", "graphql_error", message="Not Authorized")
    with pytest.raises(NotFound) as caught:
        read(cloud)
    assert "project-token" not in str(caught.value)
    assert "project-token" not in repr(cloud.api)
