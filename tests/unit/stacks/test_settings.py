"""Settings: the production stack reads, and every problem of a stack file is named with its key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.settings import SettingsError, load

pytestmark = pytest.mark.unit

Configure = Callable[[dict[str, Any]], None]


def problems(configure: Configure, values: dict[str, Any]) -> str:
    configure(values)
    with pytest.raises(SettingsError) as raised:
        load()
    return str(raised.value)


def test_the_production_stack_holds_the_plans_names(configure: Configure, production: dict[str, Any]) -> None:
    configure(production)
    found = load()
    assert found.railway_project_id == "95ec21cc-9ada-41c5-8485-12f9a00e0116"
    assert found.railway_environment_id == "99c99a18-aea2-4d01-9360-6a93705102a0"
    assert (found.service_name, found.port) == ("litellm-gateway", 4000)
    assert (found.repository, found.branch) == ("edri2or-commits/project38-or", "main")
    assert found.root_directory == "services/litellm-gateway"
    assert found.secrets["GEMINI_API_KEY"] == "GEMINI-API"
    assert found.railway_token_secret == "RAILWAY-API"
    assert found.url_variable == "LITELLM_GATEWAY_URL"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("railwayProjectId", "delightful-cat", "railwayProjectId is 'delightful-cat'; it must be a UUID"),
        ("railwayEnvironmentId", "production", "railwayEnvironmentId is 'production'"),
        ("serviceName", "x" * 33, "serviceName"),
        ("adoptService", "perhaps", "adoptService is 'perhaps'; it must be true or false"),
        ("repository", "project38-or", "repository is 'project38-or'; it must be owner/name"),
        ("branch", "a b", "branch"),
        ("commit", "HEAD", "commit is 'HEAD'; it must be 40 hex digits, or empty"),
        ("rootDirectory", "../elsewhere", "rootDirectory is '../elsewhere'; it must be a path inside"),
        ("rootDirectory", "/services", "rootDirectory is '/services'"),
        ("port", "four thousand", "port is 'four thousand'; it must be a whole number from 1 to 65535"),
        ("port", 65536, "port is 65536; it must be a whole number from 1 to 65535"),
        ("healthcheckPath", "health", "healthcheckPath is 'health'; it must be a path that starts with /"),
        ("healthcheckTimeout", 0, "healthcheckTimeout is 0"),
        ("drainingSeconds", -1, "drainingSeconds is -1"),
        ("restartRetries", 11, "restartRetries is 11"),
        ("workers", 0, "workers is 0; it must be a whole number from 1 to 32"),
        ("volumePath", "data", "volumePath is 'data'; it must be an absolute path"),
        ("redisService", "x" * 33, "redisService is"),
        ("redisService", "Redis", "volumePath is '/data', but the Redis of redisService keeps what was spent"),
        ("redisService", "litellm-gateway", "redisService is 'litellm-gateway', which is the gateway itself"),
        ("redisPasswordSecret", "a/b", "redisPasswordSecret is 'a/b'; it must be the name of a secret"),
        ("redisPasswordSecret", "REDIS", "redisService is empty, but redisPasswordSecret asks for a Redis"),
        (
            "budgetKeySecret",
            "KEY",
            "budgetKeySecret names the key of a client, but secrets holds no GATEWAY_CLIENT_KEYS",
        ),
        ("replicas", 0, "replicas is 0"),
        ("replicas", 2, "replicas is 2, but each replica would count a budget of its own"),
        ("acceptanceTimeout", 5, "acceptanceTimeout is 5"),
        ("gcpProject", "Project38", "gcpProject is 'Project38'"),
        ("secrets", "ANTHROPIC-API", "secrets is 'ANTHROPIC-API'; it must be a map from environment variable"),
        ("secrets", ["ANTHROPIC-API"], "secrets must be a map"),
        ("secrets", {"OPENAI_API_KEY": "a/b"}, "secrets.OPENAI_API_KEY must be the name of a secret"),
        ("secrets", {"BAD NAME": "S"}, "secrets.BAD NAME is no name of an environment variable"),
        ("secrets", {}, "secrets.LITELLM_MASTER_KEY is missing; name the secret that holds it"),
        ("urlVariable", "MY-URL", "urlVariable is 'MY-URL'"),
        ("railwayProjectID", "x", "railwayProjectID is not a setting of this program"),
    ],
)
def test_a_bad_value_is_named(
    configure: Configure, production: dict[str, Any], key: str, value: object, expected: str
) -> None:
    message = problems(configure, production | {key: value})
    assert f"litellm-gateway:{expected}" in message
    assert "Pulumi.production.yaml" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [("port", "x"), ("port", 0), ("port", None), ("adoptService", "x"), ("secrets", "x"), ("serviceName", "")],
)
def test_one_problem_is_told_once(configure: Configure, production: dict[str, Any], key: str, value: object) -> None:
    message = problems(configure, {name: it for name, it in (production | {key: value}).items() if it is not None})
    assert ", 1 problem(s), " in message
    assert "None" not in message


def test_a_redis_needs_a_directory_beside_the_services(configure: Configure, production: dict[str, Any]) -> None:
    shared = {"redisService": "Redis", "redisPasswordSecret": "REDIS", "volumePath": ""}
    assert "rootDirectory is '.', but" in problems(configure, production | shared | {"rootDirectory": "."})


@pytest.mark.parametrize("owner", ["somebody", ""])
def test_the_github_provider_must_have_the_repositorys_owner(
    configure: Configure, production: dict[str, Any], owner: str
) -> None:
    message = problems(configure, production | {"github:owner": owner})
    assert "github:owner must be the owner of the repository: edri2or-commits" in message


def test_replicas_share_the_redis_that_is_named(configure: Configure, production: dict[str, Any]) -> None:
    configure(production | {"replicas": 3, "redisService": "Redis", "volumePath": ""})
    found = load()
    assert (found.replicas, found.redis_service, found.volume_path) == (3, "Redis", "")
    assert found.redis_password_secret == ""


def test_all_problems_come_in_one_error(configure: Configure) -> None:
    message = problems(configure, {})
    for key in ("railwayProjectId", "railwayEnvironmentId", "repository", "gcpProject", "secrets", "port"):
        assert f"litellm-gateway:{key} " in message
    assert "nothing was changed" in message


def test_the_commit_of_ci_is_taken_where_none_is_set(
    configure: Configure, production: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(production)
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    assert load().commit == "a" * 40
    configure(production | {"commit": "b" * 40})
    assert load().commit == "b" * 40


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        *(
            "railwayProjectId",
            "railwayEnvironmentId",
            "railwayTokenSecret",
            "serviceName",
            "adoptService",
            "repository",
        ),
        *("branch", "commit", "rootDirectory", "port", "healthcheckPath", "healthcheckTimeout", "drainingSeconds"),
        *(
            "restartRetries",
            "workers",
            "volumePath",
            "redisService",
            "replicas",
            "acceptanceTimeout",
            "gcpProject",
            "secrets",
            "urlVariable",
            "github:owner",
            "unheard-of",
        ),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_any_stack_file_gives_settings_or_a_list_of_named_problems(
    configure: Configure, production: dict[str, Any], changes: dict[str, Any]
) -> None:
    configure(production | changes)
    try:
        load()
    except SettingsError as error:
        listed = str(error).splitlines()[1:]
        assert listed
        assert all(
            re.match(r"  - (litellm-gateway|github):[\w.-]*", line) for line in listed if line.startswith("  - ")
        )
