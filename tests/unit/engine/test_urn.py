"""Names of resources."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.engine import urn
from localcloud.engine.errors import EngineError

pytestmark = pytest.mark.unit

ROOT = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"
COMPONENT = "urn:pulumi:dev::demo::my:mod:C::c"


@pytest.mark.parametrize(("parent", "type_", "expected"), [
    ("", "pulumi:pulumi:Stack", "urn:pulumi:dev::demo::pulumi:pulumi:Stack::n"),
    (ROOT, "my:mod:C", "urn:pulumi:dev::demo::my:mod:C::n"),
    (COMPONENT, "a:b:C", "urn:pulumi:dev::demo::my:mod:C$a:b:C::n"),
    ("urn:pulumi:dev::demo::x:y:Z$my:mod:C::c", "a:b:C", "urn:pulumi:dev::demo::x:y:Z$my:mod:C$a:b:C::n"),
])  # fmt: skip
def test_parents_become_part_of_the_type(parent: Any, type_: Any, expected: Any) -> None:
    assert urn.make("dev", "demo", parent, type_, "n") == expected


def test_parts() -> None:
    name = "urn:pulumi:dev::demo::my:mod:C$a:b:D::x::y"
    assert (urn.stack_of(name), urn.qualified_type(name)) == ("dev", "my:mod:C$a:b:D")
    assert (urn.type_of(name), urn.name_of(name)) == ("a:b:D", "x::y")


@pytest.mark.parametrize("text", ["", "urn:pulumi:dev::demo::type", "urn:other:dev::demo::a:b:C::n"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(EngineError, match="is no URN"):
        urn.name_of(text)


@pytest.mark.parametrize(("token", "package"), [
    ("railway:index:Service", "railway"),
    ("gcp:secretmanager/getSecretVersion:getSecretVersion", "gcp"),
    ("pulumi:providers:gcp", "gcp"),
])  # fmt: skip
def test_packages(token: Any, package: Any) -> None:
    assert urn.package_of(token) == package


@pytest.mark.parametrize(("type_", "name", "default"), [
    ("pulumi:providers:gcp", "default", True),
    ("pulumi:providers:gcp", "default_10_2_0", True),
    ("pulumi:providers:gcp", "gcp", False),
    ("a:b:C", "default", False),
])  # fmt: skip
def test_default_providers(type_: Any, name: Any, default: Any) -> None:
    assert urn.is_default_provider(urn.make("dev", "demo", "", type_, name)) is default


def test_references_split_at_the_last_colons() -> None:
    assert urn.split_reference(f"{COMPONENT}::an-id") == (COMPONENT, "an-id")
    assert urn.split_reference("") == ("", "")
