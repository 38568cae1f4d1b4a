"""The environment of a client: where it is led, and which plugins it finds."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.core import client, seed
from localcloud.core.credentials import Keyring
from localcloud.core.endpoints import Endpoints

pytestmark = pytest.mark.unit

ENDPOINTS = Endpoints(
    "http://127.0.0.1:1/graphql/v2",
    "http://127.0.0.1:2",
    "http://127.0.0.1:3",
    "http://127.0.0.1:4",
    "http://127.0.0.1:5",
)
Install = Callable[[Path, str], None]


@pytest.fixture
def base(tmp_path: Path) -> dict[str, str]:
    """An environment without a plugin anywhere."""
    return {"PATH": str(tmp_path / "bin"), "PULUMI_HOME": str(tmp_path / "pulumi")}


@pytest.fixture
def install() -> Install:
    def executable(directory: Path, vendor: str) -> None:
        directory.mkdir(parents=True)
        file = directory / f"pulumi-resource-{vendor}"
        file.touch()
        file.chmod(0o755)

    return executable


def test_a_client_is_led_to_the_local_services(tmp_path: Path, base: dict[str, str]) -> None:
    loaded = seed.load()
    keyring = Keyring.of(loaded, tmp_path / "bundle.pem")

    added = client.additions(ENDPOINTS, keyring, "preview", "c0ffee", base)

    assert {name: value for name, value in added.items() if name != "PATH"} == {
        "RAILWAY_API_URL": "http://127.0.0.1:1/graphql/v2",
        "RAILWAY_TOKEN": loaded.railway.project_token,
        "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": "http://127.0.0.1:2/v1/",
        "GOOGLE_OAUTH_ACCESS_TOKEN": loaded.secret_manager.preview_token,
        "GITHUB_BASE_URL": "http://127.0.0.1:3/",
        "GITHUB_TOKEN": loaded.github.preview_token,
        "GITHUB_SHA": "c0ffee",
        "SSL_CERT_FILE": str(tmp_path / "bundle.pem"),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def test_proxies_stay_but_not_for_loopback(tmp_path: Path, base: dict[str, str]) -> None:
    keyring = Keyring.of(seed.load(), tmp_path / "bundle.pem")

    added = client.additions(ENDPOINTS, keyring, "deploy", "", {**base, "NO_PROXY": "example.org"})

    assert added["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_credentials_of_real_accounts_are_left_out() -> None:
    merged = client.merged({"HOME": "/home", "RAILWAY_API_TOKEN": "real", "GOOGLE_CREDENTIALS": "real"}, {"X": "1"})

    assert merged == {"HOME": "/home", "X": "1"}


def test_stand_ins_come_last_where_no_plugin_is_installed(tmp_path: Path, base: dict[str, str]) -> None:
    path = client.search_path(base, tmp_path / "links")

    assert path.split(os.pathsep) == [base["PATH"], str(client.STAND_INS)]


def test_no_stand_in_is_offered_where_the_real_plugins_are(
    tmp_path: Path, base: dict[str, str], install: Install
) -> None:
    for vendor in client.VENDORS:
        install(tmp_path / vendor, vendor)
    path = os.pathsep.join(str(tmp_path / vendor) for vendor in client.VENDORS)

    assert client.search_path({**base, "PATH": path}, tmp_path / "links") == path


def test_a_stand_in_on_the_path_is_no_real_plugin(tmp_path: Path, base: dict[str, str]) -> None:
    twice = client.search_path({**base, "PATH": str(client.STAND_INS)}, tmp_path / "links")

    assert twice.split(os.pathsep) == [str(client.STAND_INS)] * 2


@pytest.mark.parametrize("partial", [False, True], ids=["installed", "half installed"])
def test_only_the_missing_vendor_gets_a_stand_in(
    tmp_path: Path, base: dict[str, str], install: Install, partial: bool
) -> None:
    version = importlib.metadata.version("pulumi-gcp")
    plugin = tmp_path / "pulumi" / "plugins" / f"resource-gcp-v{version}"
    install(plugin, "gcp")
    if partial:
        plugin.with_name(f"{plugin.name}.partial").touch()

    path = client.search_path(base, tmp_path / "links")

    if partial:
        assert path.endswith(str(client.STAND_INS))
    else:
        assert [link.name for link in (tmp_path / "links").iterdir()] == ["pulumi-resource-github"]
        assert path.endswith(str(tmp_path / "links"))
        assert client.search_path(base, tmp_path / "links") == path
