"""Every GraphQL document is valid against Railway's schema, where that is at hand, and is what it says it is."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import graphql
import pytest

import pulumi_railway.api
from pulumi_railway.api.documents import Document

pytestmark = pytest.mark.unit

SCHEMA = Path(__file__).parents[4].parent / "shared" / "railway" / "schema.graphql"
"""Railway's own schema lies beside the working copy, not in it: it is large and not ours."""

NOT_REPEATABLE = {
    "serviceCreate",
    "serviceConnect",
    "serviceDomainCreate",
    "customDomainCreate",
    "customDomainIssueCertificate",
    "serviceInstanceDeployV2",
    "deploymentRollback",
    "environmentPatchCommitStaged",
    "volumeCreate",
    "environmentCreate",
}


def documents() -> list[Document]:
    modules = [
        importlib.import_module(f"pulumi_railway.api.{module.name}")
        for module in pkgutil.iter_modules(pulumi_railway.api.__path__)
    ]
    return [found for module in modules for found in vars(module).values() if isinstance(found, Document)]


@pytest.fixture(scope="module")
def schema() -> graphql.GraphQLSchema:
    if not SCHEMA.is_file():
        pytest.skip("Railway's schema is not at hand")
    return graphql.build_schema(SCHEMA.read_text(), assume_valid=True)


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.operation)
def test_it_is_valid(document: Document, schema: graphql.GraphQLSchema) -> None:
    assert graphql.validate(schema, graphql.parse(document.text)) == []


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.operation)
def test_its_name_is_that_of_its_one_field(document: Document) -> None:
    [definition] = graphql.parse(document.text).definitions
    assert isinstance(definition, graphql.OperationDefinitionNode)
    assert definition.name is not None
    [field] = definition.selection_set.selections
    assert isinstance(field, graphql.FieldNode)
    assert document.operation == definition.name.value == field.name.value
    assert document.kind == definition.operation.value


def test_what_must_not_be_sent_twice_is_marked() -> None:
    assert {document.operation for document in documents() if not document.idempotent} == NOT_REPEATABLE


def test_all_are_found() -> None:
    assert len(documents()) >= 29
