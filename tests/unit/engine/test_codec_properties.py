"""Whatever a plugin or a program sends is read or refused by name; the state file gives back what it was given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.engine import codec
from localcloud.engine import state as states
from localcloud.engine.codec import SECRET_SIGNATURE, SIGNATURE, UNKNOWN, Secret, Value
from localcloud.engine.errors import EngineError
from localcloud.engine.state import ResourceState
from localcloud.engine.store import Store
from tests.unit.outcomes import outcome
from tests.unit.structs import CANARY, structs

pytestmark = pytest.mark.unit

KNOWN = (SECRET_SIGNATURE, codec.OUTPUT_SIGNATURE)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5).filter(lambda text: text != SIGNATURE)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=3)
        | st.builds(codec.secret, st.integers(0, 99).map(lambda number: f"{CANARY}-{number}") | inner)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from([*states.FIELDS.values(), "unheard-of"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.sampled_from(
        ["urn:pulumi:dev::p::t::n", "passphrase", "v1:AA==:v1:AA==:AA==", "v1:A:x"],
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS | FIELDS, inner, max_size=4)
        | st.fixed_dictionaries(
            {SIGNATURE: st.just(SECRET_SIGNATURE)}, optional={"plaintext": inner, "ciphertext": inner}
        )
    ),
    max_leaves=8,
)
RESOURCE: dict[str, Any] = {"urn": "urn:pulumi:dev::p::t::n", "type": "t", "custom": False}


def open_texts(value: Value) -> Iterator[str]:
    """The texts of `value` that stand in no secret."""
    if isinstance(value, dict):
        for item in value.values():
            yield from open_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from open_texts(item)
    elif isinstance(value, str):
        yield value


@given(structs())
def test_a_struct_is_read_or_refused_by_name(sent: Struct) -> None:
    decoded, problem = outcome(EngineError, codec.decode, sent)
    if problem:
        assert problem.startswith(tuple(f"{key}: " for key in sent.fields)), "the property is not named"
        return
    assert repr(codec.decode(codec.encode(decoded))) == repr(decoded), "a value or its type changed"


@given(structs(signatures=KNOWN, finite=True))
def test_secrets_and_outputs_alone_are_never_refused(sent: Struct) -> None:
    decoded = codec.decode(sent)
    assert codec.contains_secret(decoded) >= (SECRET_SIGNATURE in str(sent))
    assert codec.contains_unknown(decoded) >= any(text in str(sent) for text in codec.UNKNOWN_SENTINELS)


@given(structs(signatures=(SECRET_SIGNATURE,), finite=True))
def test_what_came_as_a_secret_is_open_nowhere(sent: Struct) -> None:
    decoded = codec.decode(sent)
    assert not [text for text in open_texts(decoded) if text.startswith(CANARY)]
    if not codec.contains_unknown(decoded):
        entry = states.resource_to_json(replace(states.EMPTY, outputs=decoded), lambda _owner, _text: "sealed")
        assert CANARY not in json.dumps(entry)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), VALUES)
def test_the_state_file_gives_back_what_it_was_given(outputs: Any, trigger: Any) -> None:
    written = ResourceState(**RESOURCE, inputs=outputs, outputs=outputs, replacement_trigger=trigger)
    entry = json.loads(json.dumps(states.resource_to_json(written, lambda _owner, text: text)))
    found = states.resource_from_json(entry, lambda _owner, text: text)
    assert found.inputs == found.outputs == hidden_once(outputs)
    assert found.replacement_trigger == hidden_once(trigger)


def hidden_once(value: Any) -> Any:
    """`value` without the marks within secrets: the outer one covers them."""
    if isinstance(value, Secret):
        return Secret(codec.unwrap(value))
    if isinstance(value, list):
        return [hidden_once(item) for item in value]
    return {key: hidden_once(item) for key, item in value.items()} if isinstance(value, dict) else value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.dictionaries(FIELDS, JSON, max_size=3), JSON)
def test_any_state_file_is_a_deployment_or_one_error(tmp_path: Path, body: Any, fields: Any, secrets: Any) -> None:
    file = tmp_path / "dev.json"
    resources = {"resources": [{**RESOURCE, **fields}], "secrets_providers": secrets}
    for deployment in (body, resources, {"pending_operations": body}):
        file.write_text(json.dumps({"version": 3, "deployment": deployment}))
        store = Store(file, None)
        store.packages()
        found, problem = outcome(EngineError, store.read, "dev")
        if problem:
            assert problem.startswith(f"State file {file}")
            continue
        for state in found.resources:
            codec.encode(state.inputs)
            codec.encode(state.outputs)
        store.document(replace(found, resources=()))


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_without_bounds_is_refused(tmp_path: Path, digits: int) -> None:
    file = tmp_path / "dev.json"
    entry = json.dumps({**RESOURCE, "inputs": {"a": 0}}).replace('"a": 0', f'"a": 1{"0" * digits}')
    file.write_text(f'{{"version": 3, "deployment": {{"resources": [{entry}]}}}}')
    with pytest.raises(EngineError, match="State file"):
        Store(file, None).read("dev")


@pytest.mark.parametrize("trigger", [0, False, "", [], {}, 1])
def test_a_trigger_is_kept_however_little_it_holds(trigger: Any) -> None:
    entry = states.resource_to_json(ResourceState(**RESOURCE, replacement_trigger=trigger), lambda _owner, text: text)
    assert entry["replacementTrigger"] == trigger


@pytest.mark.parametrize("signature", ["", 7, None, "nobody's"])
def test_a_signature_that_nobody_knows_is_refused_by_the_name_of_its_property(signature: Any) -> None:
    struct = Struct()
    struct.update({"gate": [{SIGNATURE: signature}]})
    with pytest.raises(EngineError, match=r"^gate: The embedded engine does not support"):
        codec.decode(struct)


@pytest.mark.parametrize("text", sorted(codec.UNKNOWN_SENTINELS))
def test_an_unknown_of_any_type_is_one(text: str) -> None:
    struct = Struct()
    struct.update({"port": [text]})
    assert codec.decode(struct) == {"port": [UNKNOWN]}
