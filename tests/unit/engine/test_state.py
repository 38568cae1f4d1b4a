"""The state's document and its rules."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from localcloud.engine import codec
from localcloud.engine import state as states
from localcloud.engine.codec import UNKNOWN, Secret
from localcloud.engine.errors import EngineError
from localcloud.engine.state import Deployment, PendingOperation, ResourceState

pytestmark = pytest.mark.unit

ROOT = ResourceState("urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "pulumi:pulumi:Stack", custom=False)
PROVIDER = ResourceState("urn:pulumi:dev::demo::pulumi:providers:p::p", "pulumi:providers:p", custom=True, id="1")
FULL = ResourceState(
    "urn:pulumi:dev::demo::p:i:T::t",
    "p:i:T",
    custom=True,
    id="t-1",
    inputs={"a": Secret({"b": [1]}), "c": [Secret("x"), 2]},
    outputs={"a": None, "d": 0.5},
    parent=ROOT.urn,
    dependencies=(ROOT.urn,),
    property_dependencies={"a": (ROOT.urn,), "c": ()},
    provider=f"{PROVIDER.urn}::1",
    protect=True,
    external=True,
    delete=True,
    pending_replacement=True,
    init_errors=("bad",),
    additional_secret_outputs=("d",),
    custom_timeouts={"create": 90.0},
    import_id="x",
    retain_on_delete=True,
    deleted_with=ROOT.urn,
    ignore_changes=("a",),
    replace_on_changes=("c",),
    replacement_trigger=Secret(3),
    aliases=("urn:x",),
    created="2026-01-01T00:00:00Z",
    modified="2026-01-02T00:00:00Z",
    extra={"sourcePosition": "project:///__main__.py#1"},
)


def encrypt(owner: Any, text: str) -> Any:
    return f"{owner}|{text}"


def decrypt(owner: Any, text: str) -> Any:
    found, _, plain = text.partition("|")
    assert found == owner
    return plain


def test_every_field_survives() -> None:
    deployment = Deployment(
        (ROOT, PROVIDER, FULL), (PendingOperation(FULL, "updating"),), {"type": "passphrase"}, {"x": 1}
    )
    document = json.loads(json.dumps(states.to_json(deployment, encrypt)))
    found = states.from_json(document, decrypt)
    assert [dataclasses.asdict(state) for state in found.resources] == [
        dataclasses.asdict(state) for state in deployment.resources
    ]
    assert dataclasses.asdict(found.pending[0].resource) == dataclasses.asdict(FULL)
    assert (found.pending[0].type, found.metadata) == ("updating", {"x": 1})


def test_every_field_was_given_a_value() -> None:
    empty = ResourceState("u", "t", custom=False)
    same = [
        field.name
        for field in dataclasses.fields(ResourceState)
        if getattr(FULL, field.name) == getattr(empty, field.name)
    ]
    assert same == []


def test_empty_values_are_left_out_and_names_are_those_of_the_format() -> None:
    entry = states.resource_to_json(ROOT, encrypt)
    assert entry == {"urn": ROOT.urn, "type": ROOT.type, "custom": False}
    assert states.resource_to_json(FULL, encrypt).keys() >= {
        "propertyDependencies", "pendingReplacement", "initErrors", "importID", "retainOnDelete", "customTimeouts"
    }  # fmt: skip


def test_secrets_are_given_to_the_crypter_and_not_written() -> None:
    text = json.dumps(states.resource_to_json(FULL, lambda _owner, _text: "sealed"))
    assert text.count("sealed") == 3
    assert '"x", 2' not in text


def test_plaintext_of_an_import_file_is_read() -> None:
    entry = {
        "urn": "u",
        "type": "t",
        "custom": True,
        "inputs": {"a": {codec.SIGNATURE: codec.SECRET_SIGNATURE, "plaintext": '"x"'}},
    }
    assert states.resource_from_json(entry, decrypt).inputs == {"a": Secret("x")}


def test_unknown_values_never_reach_the_state() -> None:
    with pytest.raises(EngineError, match="not known"):
        states.resource_to_json(dataclasses.replace(ROOT, outputs={"a": UNKNOWN}), encrypt)


SECRET = {codec.SIGNATURE: codec.SECRET_SIGNATURE, "plaintext": "{"}
OPEN = {"urn": "u", "type": "t", "custom": True, "inputs": {"a": SECRET}}


@pytest.mark.parametrize(("document", "problem"), [
    ({"version": 4}, "format version 4"),
    ({}, "format version None"),
    ({"version": 3, "deployment": {"manifest": {"magic": "0", "version": "1"}}}, "magic"),
    ({"version": 3, "deployment": {"resources": [{}]}}, "damaged: KeyError 'urn'"),
    ({"version": 3, "deployment": {"resources": ["x"]}}, "damaged"),
    ({"version": 3, "deployment": {"resources": [{"urn": 1}]}}, "damaged: TypeError urn is of type int, not str"),
    ({"version": 3, "deployment": {"resources": [OPEN]}}, "damaged: JSONDecodeError"),
    ({"version": 3, "deployment": []}, None),
    ({"version": 3, "deployment": [1]}, "damaged"),
])  # fmt: skip
def test_damaged_documents(document: Any, problem: str | None) -> None:
    if problem is None:
        assert states.from_json(document, decrypt).resources == ()
        return
    with pytest.raises(EngineError, match=problem):
        states.from_json(document, decrypt)


def replaced(**fields: Any) -> Any:
    return dataclasses.replace(FULL, **{"delete": False, "pending_replacement": False, **fields})


@pytest.mark.parametrize(("resources", "problem"), [
    ((ROOT, PROVIDER, replaced()), None),
    ((ROOT, PROVIDER, replaced(), FULL), None),
    ((ROOT, PROVIDER, FULL, replaced()), None),
    ((ROOT, PROVIDER, replaced(), replaced()), "occurs twice"),
    ((PROVIDER, replaced(), ROOT), "refers to .*Stack::demo-dev, which does not precede it"),
    ((ROOT, replaced()), "refers to .*providers:p::p"),
    ((replaced(urn="urn:pulumi:prod::demo::p:i:T::t"),), "belongs to the stack prod"),
])  # fmt: skip
def test_order_uniqueness_and_stack(resources: Any, problem: str | None) -> None:
    if problem is None:
        states.validate(Deployment(resources), "dev")
        return
    with pytest.raises(EngineError, match=problem):
        states.validate(Deployment(resources), "dev")


def test_referenced_names_everything_that_must_outlive_it() -> None:
    assert FULL.referenced() == {ROOT.urn, PROVIDER.urn}
    assert ROOT.referenced() == set()
