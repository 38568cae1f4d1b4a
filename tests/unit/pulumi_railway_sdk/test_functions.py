"""Functions as a program calls them."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_railway as railway

pytestmark = pytest.mark.unit

REFERENCE = "projects/p/secrets/S/versions/3"
PROBLEM = {"reference": REFERENCE, "problem": "it is disabled", "remedy": "gcloud secrets versions enable"}


def test_the_blocking_form(recorder: Any) -> None:
    recorder.answer = {"problems": [PROBLEM]}
    (problem,) = railway.verify_secret_versions([REFERENCE]).problems
    assert (problem.reference, problem.problem, problem.remedy) == tuple(PROBLEM.values())
    assert problem["problem"] == "it is disabled"
    (call,) = recorder.calls
    assert (call.token, call.args) == ("railway:index:verifySecretVersions", {"references": [REFERENCE]})


def test_no_problem_is_an_empty_list(recorder: Any) -> None:
    recorder.answer = {"problems": []}
    assert list(railway.verify_secret_versions([REFERENCE]).problems) == []


def test_a_preview_that_could_not_ask_finds_nothing(recorder: Any) -> None:
    """The engine answers for a provider whose configuration it does not know, with nothing."""
    assert list(railway.verify_secret_versions([REFERENCE]).problems) == []


def test_the_output_form(recorder: Any, resolve: Any) -> None:
    recorder.answer = {"problems": [PROBLEM]}
    reference = pulumi.Output.from_input(REFERENCE)
    answer = railway.verify_secret_versions_output([reference])
    assert resolve(answer.apply(lambda found: found.problems[0].remedy)) == "gcloud secrets versions enable"


def test_a_provider_can_be_named(recorder: Any, resolve: Any) -> None:
    recorder.answer = {"problems": []}
    provider = railway.Provider("railway")
    railway.verify_secret_versions([REFERENCE], pulumi.InvokeOptions(provider=provider))
    resolve(provider.urn)
    assert recorder.calls[0].provider.startswith("urn:pulumi:")
