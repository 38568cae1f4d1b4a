"""Endpoints lead to this machine only, and are handed on in files that their owner alone can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud.core import seed
from localcloud.core.credentials import Keyring, keyring_file
from localcloud.core.endpoints import EndpointError, Endpoints

pytestmark = pytest.mark.unit

LOCAL = {
    "railway": "http://127.0.0.1:1/graphql/v2",
    "secret_manager": "http://127.0.0.1:2",
    "github": "http://localhost:3",
    "models": "http://[::1]:4",
    "control": "http://127.8.9.1:5",
}


@pytest.mark.parametrize(
    "url",
    [
        "https://backboard.railway.com/graphql/v2",
        "http://10.0.0.1:80",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org/",
        "http://0.0.0.0:80",
        "127.0.0.1:80",
        "",
    ],
)
def test_an_endpoint_outside_is_refused(url: str) -> None:
    with pytest.raises(EndpointError, match=r"endpoint github .*not on this machine"):
        Endpoints(**{**LOCAL, "github": url})


def test_endpoints_survive_their_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "endpoints.json"
    Endpoints(**LOCAL).write(file)

    assert json.loads(file.read_text()) == LOCAL
    assert Endpoints.read(file) == Endpoints(**LOCAL)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", json.dumps({**LOCAL, "more": "x"}), json.dumps({**LOCAL, "github": 1})]
)
def test_a_file_with_something_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(text)

    with pytest.raises(EndpointError, match=str(file)):
        Endpoints.read(file)


def test_a_file_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="serve --endpoints"):
        Endpoints.read(tmp_path / "endpoints.json")


def test_a_keyring_survives_its_file(tmp_path: Path) -> None:
    loaded = seed.load()
    keyring = Keyring.of(loaded, tmp_path / "bundle.pem")
    keyring.write(tmp_path / "endpoints.json")

    read = Keyring.read(tmp_path / "endpoints.json")

    assert read == keyring
    assert read.get("preview").secret_manager == loaded.secret_manager.preview_token
    assert read.get("deploy").secret_manager == loaded.secret_manager.deploy_token
    assert loaded.github.deploy_token not in repr(read)
    assert keyring_file(tmp_path / "endpoints.json").stat().st_mode & 0o777 == 0o600


def test_a_keyring_of_something_else_is_refused(tmp_path: Path) -> None:
    keyring_file(tmp_path / "endpoints.json").write_text("{}")

    with pytest.raises(EndpointError, match="start it again"):
        Keyring.read(tmp_path / "endpoints.json")
