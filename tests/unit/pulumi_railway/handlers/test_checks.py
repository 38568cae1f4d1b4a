"""Bad inputs fail before any call, each by its name; what a preview does not know passes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, Checked

pytestmark = pytest.mark.unit

PLACE = {"projectId": "p", "environmentId": "e", "serviceId": "s"}
REFERENCE = "projects/p/secrets/S/versions/1"

SOUND: dict[str, dict[str, Any]] = {
    "Service": {"projectId": "p", "environmentId": "e", "name": "web"},
    "Variables": {**PLACE, "variables": {"PORT": "4000"}, "secrets": {"KEY": REFERENCE}},
    "ServiceDomain": {**PLACE, "targetPort": 4000},
    "Deployment": {
        **PLACE,
        "repository": "acme/shop",
        "branch": "main",
        "commit": "0" * 40,
        "endpoint": "https://web.up.railway.app",
        "triggers": {"source": "abc"},
        "gate": {"command": ["python", "{url}"], "environment": {"A": "b"}, "secrets": {"K": REFERENCE}},
    },
}


def check(name: str, /, **given: Any) -> Checked:
    return HANDLERS[f"railway:index:{name}"].check(None, {**SOUND[name], **given})


@pytest.mark.parametrize("name", sorted(SOUND))
def test_sound_inputs_pass(name: str) -> None:
    checked = check(name)
    assert checked.failures == ()
    assert SOUND[name].items() <= dict(checked.inputs).items()


@pytest.mark.parametrize(("name", "missing"), [(name, key) for name, inputs in SOUND.items() for key in inputs])
def test_unknown_inputs_pass_as_they_are(name: str, missing: str) -> None:
    checked = check(name, **{missing: UNKNOWN})
    assert checked.failures == ()
    assert checked.inputs[missing] is UNKNOWN


OPTIONAL = {"variables", "secrets", "triggers", "gate"}


@pytest.mark.parametrize(
    ("name", "missing"), [(name, key) for name, inputs in SOUND.items() for key in inputs if key not in OPTIONAL]
)
def test_what_is_missing_is_named(name: str, missing: str) -> None:
    [failure] = check(name, **{missing: None}).failures
    assert (failure.property, failure.reason) == (missing, "is missing")


@pytest.mark.parametrize("name", sorted(SOUND))
def test_what_is_not_known_is_named(name: str) -> None:
    [failure] = check(name, colour="red").failures
    assert failure.property == "colour"
    assert "is no input of this resource" in failure.reason


@pytest.mark.parametrize(
    ("name", "given", "property_"),
    [
        ("Service", {"name": "x" * 33}, "name"),
        ("Service", {"name": " web"}, "name"),
        ("Service", {"name": 5}, "name"),
        ("Service", {"projectId": "a/b"}, "projectId"),
        ("Service", {"adopt": "yes"}, "adopt"),
        ("Service", {"builder": "DOCKERFILE"}, "builder"),
        ("Service", {"restartPolicyType": "on_failure"}, "restartPolicyType"),
        ("Service", {"healthcheckPath": "health"}, "healthcheckPath"),
        ("Service", {"healthcheckTimeout": 0}, "healthcheckTimeout"),
        ("Service", {"healthcheckTimeout": 1.5}, "healthcheckTimeout"),
        ("Service", {"healthcheckTimeout": True}, "healthcheckTimeout"),
        ("Service", {"numReplicas": 0}, "numReplicas"),
        ("Service", {"watchPatterns": "services/**"}, "watchPatterns"),
        ("Service", {"watchPatterns": [""]}, "watchPatterns"),
        ("Service", {"multiRegionConfig": "europe"}, "multiRegionConfig"),
        ("Service", {"rootDirectory": ""}, "rootDirectory"),
        ("Variables", {"variables": ["PORT"]}, "variables"),
        ("Variables", {"variables": {"1PORT": "x"}}, "variables.1PORT"),
        ("Variables", {"variables": {"PORT": 4000}}, "variables.PORT"),
        ("Variables", {"variables": {"PORT": ""}}, "variables.PORT"),
        ("Variables", {"variables": {"KEY": "x"}}, "variables.KEY"),
        ("Variables", {"variables": {"PULUMI_OWNER": "x"}}, "variables.PULUMI_OWNER"),
        ("Variables", {"secrets": {"KEY": "sk-a-value"}}, "secrets.KEY"),
        ("Variables", {"secretPrefixes": {"KEY": ""}}, "secretPrefixes.KEY"),
        ("Variables", {"secretPrefixes": {"KEYS": "sk-"}}, "secretPrefixes.KEYS"),
        ("Variables", {"secrets": {"KEY": "projects/p/secrets/S/versions/latest"}}, "secrets.KEY"),
        ("ServiceDomain", {"targetPort": 0}, "targetPort"),
        ("ServiceDomain", {"targetPort": 65536}, "targetPort"),
        ("ServiceDomain", {"domain": "https://a.example.org"}, "domain"),
        ("ServiceDomain", {"domain": "x" * 64 + ".up.railway.app"}, "domain"),
        ("Deployment", {"repository": "https://github.com/acme/shop"}, "repository"),
        ("Deployment", {"commit": "main"}, "commit"),
        ("Deployment", {"endpoint": "web.up.railway.app"}, "endpoint"),
        ("Deployment", {"endpoint": "https://a.example.org/path"}, "endpoint"),
        ("Deployment", {"endpoint": "https://a..example.org"}, "endpoint"),
        ("Deployment", {"endpoint": "https://[::1"}, "endpoint"),
        ("Deployment", {"triggers": {"a": 1}}, "triggers.a"),
        ("Deployment", {"gate": {"command": []}}, "gate.command"),
        ("Deployment", {"gate": {"command": "python"}}, "gate.command"),
        ("Deployment", {"gate": {"command": ["a"], "shell": True}}, "gate.shell"),
        ("Deployment", {"gate": {"command": ["a"], "timeoutSeconds": 0}}, "gate.timeoutSeconds"),
        ("Deployment", {"gate": {"command": ["a"], "secrets": {"K": "sk-a-value"}}}, "gate.secrets.K"),
        ("Deployment", {"gate": {"command": ["a"], "environment": "A=b"}}, "gate.environment"),
    ],
)
def test_what_is_wrong_is_named(name: str, given: dict[str, Any], property_: str) -> None:
    [failure] = check(name, **given).failures
    assert failure.property == property_


def test_a_value_in_the_place_of_a_reference_is_not_shown() -> None:
    for checked in (
        check("Variables", secrets={"K": "sk-a-value"}),
        check("Deployment", gate={"secrets": {"K": "sk-a-value"}}),
    ):
        assert checked.failures
        assert "sk-a-value" not in str(checked.failures)


def test_a_value_in_the_place_of_a_name_is_not_shown() -> None:
    for checked in (
        check("Variables", secrets={"sk-a-value": "API_KEY"}),
        check("Variables", variables={"sk-a-value": ""}),
        check("Deployment", gate={"command": ["a"], "secrets": {"sk-a-value": "K"}}),
    ):
        assert all(failure.property.endswith(".sk-…") for failure in checked.failures)
        assert "sk-a-value" not in str(checked.failures)


def test_whole_numbers_become_integers() -> None:
    found = check("ServiceDomain", targetPort=4000.0).inputs["targetPort"]
    assert (found, type(found)) == (4000, int)


def test_all_problems_are_told_at_once() -> None:
    assert len(check("Service", name=None, numReplicas=0, colour="red").failures) == 3


def test_unknown_values_inside_maps_and_lists_pass() -> None:
    assert check("Variables", variables={"A": UNKNOWN}, secrets={"B": UNKNOWN}).failures == ()
    gate = {"command": ["python", UNKNOWN], "secrets": UNKNOWN, "timeoutSeconds": UNKNOWN}
    assert check("Deployment", triggers={"a": UNKNOWN}, gate=gate).failures == ()
    assert check("Service", watchPatterns=["a", UNKNOWN]).failures == ()
