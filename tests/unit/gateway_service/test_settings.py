"""Settings from the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from litellm_gateway import settings
from litellm_gateway.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit

KEY = "sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
GOOD = {
    "PORT": "4000",
    "LITELLM_MASTER_KEY": KEY,
    "ANTHROPIC_API_KEY": "a",
    "OPENAI_API_KEY": "b",
    "GEMINI_API_KEY": "c",
}


def test_settings_with_all_defaults(service: Path) -> None:
    parsed = settings.parse(GOOD)
    assert (parsed.host, parsed.port, parsed.master_key) == ("0.0.0.0", 4000, KEY)  # noqa: S104 - the default is tested, not used
    assert parsed.config == service / "litellm-config.yaml"
    assert (parsed.deployment, parsed.commit, parsed.missing_provider_keys) == ("unknown", "unknown", ())
    assert KEY not in repr(parsed)


def test_the_platform_says_which_deployment_this_is() -> None:
    parsed = settings.parse({**GOOD, "RAILWAY_DEPLOYMENT_ID": "4f-1", "RAILWAY_GIT_COMMIT_SHA": "0a1b", "HOST": "::1"})
    assert (parsed.deployment, parsed.commit, parsed.host) == ("4f-1", "0a1b", "::1")


@pytest.mark.parametrize("value", ["a b", "a\r\nx-evil: 1", "ü", "x" * 129])
def test_what_cannot_be_a_header_is_not_sent(value: str) -> None:
    assert settings.parse({**GOOD, "RAILWAY_DEPLOYMENT_ID": value}).deployment == "unknown"


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "4000.0", " 4000", "٤٠٠٠", "x"])
def test_a_port_is_a_whole_number_in_range(port: str) -> None:
    with pytest.raises(StartError, match="PORT"):
        settings.parse({**GOOD, "PORT": port})


@pytest.mark.parametrize(
    "url", ["redis", "http://redis:6379", "redis://", "redis://u:canary@", "redis://:canary@host:x", "redis://[canary"]
)
def test_an_address_that_is_no_redis_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(StartError, match=r"^REDIS_URL has to be redis:// or rediss:// and a host") as caught:
        settings.parse({**GOOD, "REDIS_URL": url})
    assert "canary" not in str(caught.value)


def test_with_redis_the_ledger_outlives_the_deployment() -> None:
    parsed = settings.parse({**GOOD, "REDIS_URL": "rediss://default:canary@redis.railway.internal:6379"})
    assert parsed.data_lasts
    assert "canary" not in repr(parsed)


@pytest.mark.parametrize(
    ("key", "flaw"),
    [
        ("", "is not set"),
        (" \n", "is not set"),
        (KEY + "\n", "white space"),
        ("\ufeff" + KEY, "white space"),
        (KEY.removeprefix("sk-"), "does not start with sk-"),
        ("sk-1234", "placeholder"),
        ("sk-12ab", "placeholder"),
        ("sk-your-master-key-goes-here", "placeholder"),
        ("sk-xxxxxxxxxxxxxxxxxxxxxxxxxxx", "placeholder"),
        ("sk-<generate-with-openssl>", "placeholder"),
    ],
)
def test_a_flawed_key_is_refused_by_its_flaw_and_never_shown(key: str, flaw: str) -> None:
    with pytest.raises(StartError, match=flaw) as caught:
        settings.parse({**GOOD, "LITELLM_MASTER_KEY": key})
    assert str(caught.value).startswith("LITELLM_MASTER_KEY ")
    assert not (key.strip() and key.strip() in str(caught.value))


@pytest.mark.parametrize(("granted", "requests"), [("", 25), ("10", 5), ("3", 0)])
def test_the_draining_time_leaves_some_to_settle(granted: str, requests: int) -> None:
    assert settings.parse({**GOOD, "GATEWAY_DRAINING_SECONDS": granted}).draining == requests


@pytest.mark.parametrize("granted", ["-1", "3601", "30s", "9" * 30])
def test_a_draining_time_is_a_whole_number_in_range(granted: str) -> None:
    with pytest.raises(StartError, match="GATEWAY_DRAINING_SECONDS"):
        settings.parse({**GOOD, "GATEWAY_DRAINING_SECONDS": granted})


def test_missing_provider_keys_are_listed() -> None:
    parsed = settings.parse({**GOOD, "OPENAI_API_KEY": " ", "GEMINI_API_KEY": ""})
    assert parsed.missing_provider_keys == ("OPENAI_API_KEY", "GEMINI_API_KEY")


def test_litellm_is_prepared_without_overruling_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environ = {"LITELLM_LOG": "ERROR"}
    monkeypatch.setattr(os, "environ", environ)
    settings.prepare_litellm(tmp_path)
    assert environ == {**settings.LITELLM_SWITCHES, "LITELLM_LOG": "ERROR", "CONFIG_FILE_PATH": str(tmp_path)}


def test_secrets_are_all_keys_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**GOOD, "GEMINI_API_KEY": "  "})
    assert settings.secrets() == [KEY, "a", "b"]


def test_the_password_of_redis_is_a_secret_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://default:can%2Fary@redis:6379")
    assert {"redis://default:can%2Fary@redis:6379", "can%2Fary", "can/ary"} <= set(settings.secrets())


def test_litellm_does_not_get_to_see_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*settings.LITELLM_SWITCHES, "CONFIG_FILE_PATH", "REDIS_URL", "REDIS_HOST"):
        monkeypatch.setenv(name, "redis://redis")
    settings.prepare_litellm(tmp_path)
    assert not {"REDIS_URL", "REDIS_HOST"} & set(os.environ)


@pytest.mark.parametrize("number", ["0", "33", "two", "1.5", "-1"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(number: str) -> None:
    with pytest.raises(StartError, match="GATEWAY_WORKERS has to be a whole number from 1 to 32"):
        settings.parse({**GOOD, "GATEWAY_WORKERS": number})
