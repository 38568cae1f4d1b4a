"""Configuration and environment of the plugin."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import settings

pytestmark = pytest.mark.unit

REFERENCE = "projects/p/secrets/RAILWAY-API/versions/3"


def wrong(inputs: dict[str, Any]) -> dict[str, str]:
    return {failure.property: failure.reason for failure in settings.check_config(inputs)}


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"apiUrl": "https://backboard.railway.com/graphql/v2", "tokenSecret": REFERENCE},
        {"apiUrl": "http://127.0.0.1:8080/graphql/v2"},
        {"apiUrl": "http://[::1]:8080/graphql/v2"},
        {"apiUrl": "http://localhost/graphql/v2"},
        {"apiUrl": UNKNOWN, "tokenSecret": UNKNOWN},
        {"apiUrl": None, "version": "0.1.0", "__internal": {}},
    ],
)
def test_good_configuration(inputs: dict[str, Any]) -> None:
    assert wrong(inputs) == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "backboard.railway.com",
        "http://backboard.railway.com/graphql/v2",
        "http://127.0.0.1.example.com/",
        "https://user:pass@backboard.railway.com/",
        "https://host/?token=x",
        "https://host/#x",
        "https://",
        "https://host:99999/",
        "https://[::1/",
        "file:///etc/passwd",
        4,
    ],
)
def test_an_endpoint_to_which_no_token_is_sent(url: object) -> None:
    assert "https:// URL" in wrong({"apiUrl": url})["apiUrl"]


@pytest.mark.parametrize("value", ["a-real-token-value", "", 3, {"a": "b"}])
def test_a_token_is_no_reference_and_is_not_repeated(value: object) -> None:
    reason = wrong({"tokenSecret": value})["tokenSecret"]
    assert "never a value" in reason
    assert "a-real-token-value" not in reason


def test_an_unknown_setting_is_named_with_those_there_are() -> None:
    assert wrong({"token": "x"}) == {"token": "is no setting of this provider; it has apiUrl, tokenSecret"}


def test_environment_reads_what_the_contract_names_and_hides_tokens() -> None:
    found = settings.read_environment(
        {
            "RAILWAY_API_URL": "http://127.0.0.1:1/",
            "RAILWAY_TOKEN": "project-token",
            "RAILWAY_API_TOKEN": "account-token",
            "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": "http://127.0.0.1:2/v1/",
            "GOOGLE_OAUTH_ACCESS_TOKEN": "google-token",
        }
    )
    assert (found.api_url, found.secret_manager_endpoint) == ("http://127.0.0.1:1/", "http://127.0.0.1:2/v1/")
    assert (found.project_token, found.api_token, found.google_access_token) == (
        "project-token",
        "account-token",
        "google-token",
    )
    assert "-token" not in repr(found)


def test_an_empty_variable_counts_as_unset() -> None:
    found = settings.read_environment({"RAILWAY_TOKEN": "", "RAILWAY_API_URL": ""})
    assert found.project_token is None
    assert found.api_url is None


def test_a_gate_sees_the_network_and_no_credential() -> None:
    passed_on = {"HOME": "/h", "https_proxy": "http://p", "NO_PROXY": "x", "SSL_CERT_FILE": "/ca", "TMPDIR": "/t"}
    withheld = {"RAILWAY_TOKEN": "t", "GITHUB_TOKEN": "t", "PULUMI_CONFIG_PASSPHRASE": "p", "PYTHONPATH": "/x"}
    found = dict(settings.read_environment({**passed_on, **withheld, "PATH": "/usr/bin"}).gate)
    assert found.pop("PATH") == f"{Path(sys.executable).parent}{os.pathsep}/usr/bin"
    assert found == passed_on


def test_provider_config_takes_an_empty_value_for_none() -> None:
    assert settings.provider_config({"apiUrl": None}) == settings.ProviderConfig()
    given = settings.provider_config({"apiUrl": "https://h/", "tokenSecret": REFERENCE})
    assert given == settings.ProviderConfig("https://h/", REFERENCE)
