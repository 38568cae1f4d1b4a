"""Pulumi's passphrase provider, against values that the Pulumi CLI wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.engine.errors import EngineError
from localcloud.engine.secrets_provider import Crypter

pytestmark = pytest.mark.unit

PASSPHRASE = "correct horse"
SALT = "v1:pJ4e7unbuNY=:v1:5V+GZ8oMlkVPxdhl:670RqhXgFWzSm/mzW3tPJEh2A9kqgg=="
CONFIG_VALUE = "v1:y11cDH8397PjGh0c:Z8lZuP5erY/MuGRPDwbGmQzXGWka9zyoz6uW"
STATE_VALUE = (
    "v1:ASDI7KiTvNDMtBTs:cSK+KPO6x4Zs7645gFt+g5Ddw7baBJWMSRMdDdJISzw0x5lFQs/vySHkCIXwEeKrn1Thq4Jkh1Rimnk8iXc5hw=="
)


@pytest.fixture(scope="module")
def crypter() -> Any:
    return Crypter(PASSPHRASE, SALT)


def test_what_the_cli_encrypted_is_read(crypter: Crypter) -> None:
    assert crypter.decrypt("a", CONFIG_VALUE) == "hunter2 ✓"
    assert json.loads(crypter.decrypt("a", STATE_VALUE)) == {"a": "<&>", "b": [1, 2.5, True, None]}


def test_cipher_texts_are_kept_for_the_same_owner_only(crypter: Crypter) -> None:
    text = crypter.decrypt("owner", CONFIG_VALUE)
    assert crypter.encrypt("owner", text) == CONFIG_VALUE
    other = crypter.encrypt("other", text)
    assert other != CONFIG_VALUE
    assert crypter.encrypt("other", text) == other
    assert crypter.decrypt("x", other) == text


def test_new_salt_is_made_with_the_first_secret_and_can_be_read_again() -> None:
    crypter = Crypter("word")
    assert crypter.provider_state() is None
    cipher_text = crypter.encrypt("a", "value")
    state = crypter.provider_state() or {}
    assert state["type"] == "passphrase"
    assert Crypter("word", state["state"]["salt"]).decrypt("a", cipher_text) == "value"
    assert "value" not in cipher_text


def test_wrong_passphrase() -> None:
    with pytest.raises(EngineError, match="incorrect passphrase"):
        Crypter("wrong", SALT).decrypt("a", CONFIG_VALUE)


def test_no_passphrase() -> None:
    with pytest.raises(EngineError, match="set PULUMI_CONFIG_PASSPHRASE"):
        Crypter(None).encrypt("a", "value")


@pytest.mark.parametrize("salt", ["v1", "v1:abc", "v2:pJ4e7unbuNY=:v1:a:b"])
def test_damaged_salt(salt: Any) -> None:
    with pytest.raises(EngineError, match="salt"):
        Crypter(PASSPHRASE, salt).encrypt("a", "value")


@pytest.mark.parametrize("text", ["", "v1:only", "v2:y11cDH8397PjGh0c:Z8lZuP5erY==", CONFIG_VALUE[:-4], "v1:!!:!!"])
def test_damaged_cipher_text(crypter: Crypter, text: str) -> None:
    with pytest.raises(EngineError, match="secret"):
        crypter.decrypt("a", text)
