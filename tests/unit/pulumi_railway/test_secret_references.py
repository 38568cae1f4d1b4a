"""References: what is one, and what it names."""

from __future__ import annotations

import pytest

from pulumi_railway.secret_references import parse

pytestmark = pytest.mark.unit


def test_a_pinned_reference() -> None:
    found = parse("projects/p-1/secrets/OPENAI-API/versions/3")
    assert found is not None
    assert found.pinned
    assert found.name == "projects/p-1/secrets/OPENAI-API/versions/3"
    assert str(found) == "secret OPENAI-API version 3 in project p-1"


@pytest.mark.parametrize("version", ["", "/versions/latest", "/versions/stable"])
def test_a_reference_that_moves_is_not_pinned(version: str) -> None:
    found = parse(f"projects/p/secrets/S{version}")
    assert found is not None
    assert not found.pinned
    assert found.name.endswith("/versions/stable" if "stable" in version else "/versions/latest")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sk-a-value",
        "projects/p/secrets/",
        "projects//secrets/S/versions/1",
        "projects/p/secrets/S/versions/",
        "projects/p/secrets/S/versions/1/x",
        "projects/p/secrets/S S/versions/1",
        " projects/p/secrets/S/versions/1",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert parse(text) is None


def test_commands_name_secret_and_project() -> None:
    found = parse("projects/p/secrets/S/versions/3")
    assert found is not None
    assert found.enable_command() == "gcloud secrets versions enable 3 --secret=S --project=p"
    for command in (found.create_command(), found.add_command(), found.list_command(), found.grant_command("roles/x")):
        assert " S " in command
        assert "--project=p" in command
