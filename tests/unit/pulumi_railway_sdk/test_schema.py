"""The schema, the typed classes and what the plugin accepts are three views of one thing."""

from __future__ import annotations

import collections.abc
import inspect
import json
import types
import typing
from pathlib import Path
from typing import Any, Literal

import pulumi
import pytest

import pulumi_railway as railway
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.plugin import settings

pytestmark = pytest.mark.unit

SCHEMA = json.loads((Path(railway.__file__).parent / "schema.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, type[Any]] = {
    "railway:index:Environment": railway.Environment,
    "railway:index:Service": railway.Service,
    "railway:index:Variables": railway.Variables,
    "railway:index:ServiceDomain": railway.ServiceDomain,
    "railway:index:CustomDomain": railway.CustomDomain,
    "railway:index:Volume": railway.Volume,
    "railway:index:Deployment": railway.Deployment,
}
OBJECTS: dict[str, type[Any]] = {"#/types/railway:index:Gate": railway.GateArgs}
RECORDS: dict[str, type[Any]] = {"#/types/railway:index:DnsRecord": railway.DnsRecord}
SCALARS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean"}
EXAMPLES: dict[str, Any] = {
    "string": "text", "integer": 30, "boolean": True, "array": ["text"], "object": {"NAME": "text"}
}  # fmt: skip
FITTING = {
    "name": "gateway",
    "healthcheckPath": "/health",
    "mountPath": "/data",
    "repository": "owner/name",
    "commit": "c" * 40,
    "endpoint": "https://gateway.up.railway.app",
    "domain": "gateway.example.com",
    "secrets": {"SECRET": "projects/p/secrets/S/versions/1"},
    "secretPrefixes": {"SECRET": "sk-"},
    "multiRegionConfig": {"us-west2": {"numReplicas": 2}},
    "gate": {"command": ["true"]},
    "serviceId": "s",
}
"""Values for inputs that take less than any value of their type."""


def bare(annotation: Any) -> tuple[Any, bool]:
    """A type without `Input`, `Output` and None, and whether None was allowed."""
    if typing.get_origin(annotation) is pulumi.Output:
        return bare(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) not in {types.UnionType, typing.Union}:
        return annotation, False
    members = typing.get_args(annotation)
    wrapped = (pulumi.Output, collections.abc.Awaitable)
    plain = [
        member
        for member in members
        if member is not type(None)
        and not isinstance(member, typing.ForwardRef)
        and typing.get_origin(member) not in wrapped
    ]
    assert len(plain) == 1, annotation
    return plain[0], type(None) in members


def in_schema(annotation: Any) -> Any:
    """What the schema says of a Python type."""
    found, _ = bare(annotation)
    origin, arguments = typing.get_origin(found), typing.get_args(found)
    if found is Any:
        return {"$ref": "pulumi.json#/Any"}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is collections.abc.Sequence:
        return {"type": "array", "items": in_schema(arguments[0])}
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": in_schema(arguments[1])}
    for reference, cls in {**OBJECTS, **RECORDS}.items():
        if found is cls:
            return {"$ref": reference}
    return {"type": SCALARS[found]}


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """The schema of a property with its enums in place, without its description."""
    if (reference := described.get("$ref", "")).startswith("#/types/") and reference not in {*OBJECTS, *RECORDS}:
        return {"enum": [member["value"] for member in SCHEMA["types"][reference.removeprefix("#/types/")]["enum"]]}
    return {
        key: resolved(value) if isinstance(value, dict) else value
        for key, value in described.items()
        if key not in {"description", "secret"}
    }


def of_inputs(cls: type[Any]) -> tuple[dict[str, Any], set[str]]:
    """Wire name -> schema of each input of an input type, and the required ones."""
    names = pulumi._types.input_type_py_to_pulumi_names(cls)
    hints = {name: getattr(cls, name).fget.__annotations__["return"] for name in names}
    described = {names[name]: in_schema(hint) for name, hint in hints.items()}
    return described, {names[name] for name, hint in hints.items() if not bare(hint)[1]}


def of_outputs(cls: type[Any]) -> tuple[dict[str, Any], set[str]]:
    hints = inspect.get_annotations(cls)
    names = pulumi._types.resource_py_to_pulumi_names(cls)
    described = {names[name]: in_schema(hint) for name, hint in hints.items()}
    return described, {names[name] for name, hint in hints.items() if not bare(hint)[1]}


def described(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: resolved(found) for name, found in properties.items()}


def example(name: str, described: dict[str, Any]) -> Any:
    found = resolved(described)
    return FITTING.get(name) or (found["enum"][0] if "enum" in found else EXAMPLES[found["type"]])


def examples(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: example(name, found) for name, found in resource["inputProperties"].items()}


def test_the_schema_and_the_plugin_have_the_same_resources() -> None:
    assert set(SCHEMA["resources"]) == set(RESOURCES) == set(HANDLERS)


@pytest.mark.parametrize("token", RESOURCES)
class TestResource:
    def test_inputs_of_the_class_are_those_of_the_schema(self, token: str) -> None:
        names, required = of_inputs(RESOURCES[token]._inputs)
        assert names == described(SCHEMA["resources"][token]["inputProperties"])
        assert sorted(required) == SCHEMA["resources"][token]["requiredInputs"]

    def test_arguments_of_the_constructor_are_those_inputs(self, token: str) -> None:
        cls = RESOURCES[token]
        parameters = inspect.signature(cls).parameters
        arguments = {name: found for name, found in parameters.items() if found.kind is found.KEYWORD_ONLY}
        names = pulumi._types.input_type_py_to_pulumi_names(cls._inputs)
        assert set(arguments) - {"opts"} == set(names)
        for name, wire in names.items():
            optional = arguments[name].default is not inspect.Parameter.empty
            assert optional is (wire not in SCHEMA["resources"][token]["requiredInputs"]), name
            assert arguments[name].annotation == getattr(cls._inputs, name).fget.__annotations__["return"], name

    def test_outputs_of_the_class_are_those_of_the_schema(self, token: str) -> None:
        """The schema's enums and objects are plain texts and maps to a program that reads them."""
        names, required = of_outputs(RESOURCES[token])
        properties = described(SCHEMA["resources"][token]["properties"])
        plain = {"enum": {"type": "string"}, "$ref": in_schema(collections.abc.Mapping[str, Any])}
        assert names == {
            name: next((plain[key] for key in plain if key in found), found) for name, found in properties.items()
        }
        assert sorted(required) == SCHEMA["resources"][token]["required"]

    def test_every_input_is_an_output_too(self, token: str) -> None:
        resource = SCHEMA["resources"][token]
        for name, found in resource["inputProperties"].items():
            assert resource["properties"][name] == found

    def test_the_handler_takes_every_input_and_no_other(self, token: str) -> None:
        inputs = examples(SCHEMA["resources"][token])
        checked = HANDLERS[token].check(None, inputs)
        assert not checked.failures
        assert set(inputs) <= set(checked.inputs)
        more = HANDLERS[token].check(None, {**inputs, "more": "text"})
        assert [failure.property for failure in more.failures] == ["more"]

    def test_the_handler_misses_what_the_schema_requires(self, token: str) -> None:
        missed = {failure.property for failure in HANDLERS[token].check(None, {}).failures}
        assert sorted(missed) == SCHEMA["resources"][token]["requiredInputs"]

    def test_what_the_handler_always_fills_in_is_always_an_output(self, token: str) -> None:
        resource = SCHEMA["resources"][token]
        required = {name: example(name, resource["inputProperties"][name]) for name in resource["requiredInputs"]}
        assert set(HANDLERS[token].check(None, required).inputs) <= set(resource["required"])

    def test_the_handler_knows_the_types_and_enums_of_the_schema(self, token: str) -> None:
        inputs = examples(SCHEMA["resources"][token])
        for name, found in SCHEMA["resources"][token]["inputProperties"].items():
            wrong = [7] if resolved(found).get("type") != "array" else "text"
            refused = HANDLERS[token].check(None, {**inputs, name: wrong}).failures
            assert {failure.property.partition(".")[0] for failure in refused} == {name}
            for member in resolved(found).get("enum", ()):
                assert not HANDLERS[token].check(None, {**inputs, name: member}).failures
            if "enum" in resolved(found):
                assert HANDLERS[token].check(None, {**inputs, name: "OTHER"}).failures


def test_objects_are_those_of_the_schema() -> None:
    for reference, cls in OBJECTS.items():
        schema = SCHEMA["types"][reference.removeprefix("#/types/")]
        names, required = of_inputs(cls)
        assert names == described(schema["properties"])
        assert sorted(required) == schema["required"]


def test_records_are_those_of_the_schema() -> None:
    """What only outputs hold, in full."""
    for reference, cls in RECORDS.items():
        schema = SCHEMA["types"][reference.removeprefix("#/types/")]
        names = pulumi._types._pulumi_to_py_names_from_py_properties(cls)
        hints = {wire: getattr(cls, name).fget.__annotations__["return"] for wire, name in names.items()}
        assert {wire: in_schema(hint) for wire, hint in hints.items()} == described(schema["properties"])
        assert sorted(names) == schema["required"]


def test_the_provider_is_that_of_the_schema() -> None:
    names, required = of_outputs(railway.Provider)
    assert names == described(SCHEMA["provider"]["inputProperties"])
    assert not required
    assert set(names) == set(settings.KNOWN) == set(SCHEMA["config"]["variables"])
    arguments = inspect.signature(railway.Provider).parameters
    assert {name for name, found in arguments.items() if found.kind is found.KEYWORD_ONLY} - {"opts"} == {
        "api_url",
        "token_secret",
    }


def test_the_function_is_that_of_the_schema() -> None:
    (function,) = SCHEMA["functions"].values()
    assert set(inspect.signature(railway.verify_secret_versions).parameters) - {"opts"} == set(
        function["inputs"]["properties"]
    )
    assert pulumi._types._pulumi_to_py_names_from_py_properties(railway.VerifySecretVersionsResult).keys() == set(
        function["outputs"]["properties"]
    )
    problem = SCHEMA["types"]["railway:index:SecretProblem"]
    assert pulumi._types._pulumi_to_py_names_from_py_properties(railway.SecretProblem).keys() == set(
        problem["properties"]
    )
    assert sorted(problem["properties"]) == problem["required"]


def test_no_property_holds_a_secret_value() -> None:
    """Secrets are references everywhere, so nothing needs to be marked, and a new mark needs a class that sets it."""
    assert '"secret": true' not in json.dumps(SCHEMA)


def test_the_version_is_that_of_the_package() -> None:
    assert SCHEMA["version"] == railway.__version__
