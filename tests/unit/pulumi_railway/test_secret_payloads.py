"""Flaws of payloads, by kind."""

from __future__ import annotations

import pytest

from pulumi_railway.secret_payloads import crc32c, flaws

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("payload", "kinds"),
    [
        (b"", ["is empty"]),
        (b"  \n", ["is empty"]),
        ("\ufeff".encode(), ["is empty"]),
        ("\ufeffsk-a".encode(), ["starts with a byte-order mark"]),
        (b"sk-a\n", ["contains a newline"]),
        (b"sk-a\r\nb", ["contains a newline"]),
        (b" sk-a", ["starts or ends with a space"]),
        (b"sk-a\t", ["starts or ends with a space"]),
        (b"sk-a b", ["is a key with a space in it"]),
        ("AIza\u00a0b".encode(), ["is a key with a space in it"]),
        (b"\xff\xfe", ["is not UTF-8 text"]),
        (b"sk-\x00", ["contains a control character"]),
        (b"a${{shared.B}}", ["contains ${{, which Railway would replace"]),
        (b" changeme\n", ["contains a newline", "starts or ends with a space", "is a placeholder"]),
    ],
)
def test_each_flaw_has_its_kind(payload: bytes, kinds: list[str]) -> None:
    assert flaws(payload) == kinds


@pytest.mark.parametrize(
    ("payload", "kinds"),
    [
        (b"sk-a", []),
        (b"a-sk-", ["does not start with sk-"]),
        (b"SK-a", ["does not start with sk-"]),
        (b"todo\n", ["contains a newline", "is a placeholder", "does not start with sk-"]),
        (b" sk-a\n", ["contains a newline", "starts or ends with a space"]),
        (b"", ["is empty"]),
    ],
)
def test_a_prefix_may_be_wanted(payload: bytes, kinds: list[str]) -> None:
    assert flaws(payload, "sk-") == kinds


PLACEHOLDERS = """
changeme CHANGE_ME change-me-please your-api-key YOUR_API_KEY_HERE your-openai-key yourkey sk-your-key-here sk-xxxx xxx
<key> ${OPENAI_API_KEY} {{key}} %KEY% replace-me TODO placeholder none null dummy **** ... INSERT_KEY_HERE sk-...
sk-1234 sk-123456789 sk-ant-xxxxxx sk-proj-... AIza...
"""


@pytest.mark.parametrize("text", [*PLACEHOLDERS.split(), "<your key>", "your key"])
def test_placeholders_are_known(text: str) -> None:
    assert flaws(text.encode()) == ["is a placeholder"]


@pytest.mark.parametrize(
    "text", ["sk-ant-api03-4fTx", "AIzaSyD-9tSrke72PouQMnMX", "sk-1234a", "yourself", "nonesuch", "a b", "xx", "größe"]
)
def test_a_sound_payload_has_no_flaw(text: str) -> None:
    assert flaws(text.encode()) == []


def test_the_checksum_is_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
    assert crc32c(b"") == 0
