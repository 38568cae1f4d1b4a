"""Imports by ids, by names and by any mixture of them, with either kind of token."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS, imports
from pulumi_railway.handlers.base import Context, State

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
NAMES = "delightful-cat/production/web"


@pytest.fixture(params=["project", "bearer"])
def context(cloud: Any, request: pytest.FixtureRequest) -> Iterator[Context]:
    seed = cloud.railway.world.seed
    token = {"project": seed.project_token, "bearer": seed.account_token}[request.param]
    api = cloud.client(Credentials(token, request.param))
    yield dataclasses.replace(cloud.context(), api=api)
    api.close()


def read(context: Context, resource: str, identity: str) -> State:
    found = HANDLERS[f"railway:index:{resource}"].read(context, State(identity, {}, {}))
    assert found is not None
    return found


@pytest.mark.parametrize("resource", ["Service", "Variables", "Deployment"])
def test_names_are_as_good_as_ids_and_ids_are_recorded(stack: Any, context: Context, resource: str) -> None:
    stack.all()
    place = stack.states["Service"].id
    service_id = place.rpartition("/")[2]
    by_ids = read(context, resource, place)
    for identity in (NAMES, f"{PROJECT}/production/web", f"delightful-cat/{ENVIRONMENT}/{service_id}"):
        found = read(context, resource, identity)
        assert (found.id, found.inputs) == (place, by_ids.inputs)


def test_ids_need_no_call_to_be_found(stack: Any, cloud: Any) -> None:
    place = stack.up("Service").id
    cloud.calls.clear()
    assert imports.place_of(cloud.context(), State(place, {}, {})).service_id == place.rpartition("/")[2]
    assert cloud.operations() == []


def test_a_domain_need_not_be_named(stack: Any, cloud: Any, context: Context) -> None:
    stack.up("Service")
    with pytest.raises(UserError, match="has not one domain, so the id must name it; it has: none"):
        read(context, "ServiceDomain", NAMES)
    state = stack.up("ServiceDomain")
    place, _, domain_id = state.id.rpartition("/")
    domain = state.outputs["domain"]
    for identity in (state.id, place, NAMES, f"{NAMES}/{domain}", f"{NAMES}/{domain_id}"):
        found = read(context, "ServiceDomain", identity)
        assert (found.id, found.inputs) == (state.id, {**state.inputs, "domain": domain})
    with pytest.raises(UserError, match=f"has no domain other.example; it has: {domain} {domain_id}"):
        read(context, "ServiceDomain", f"{NAMES}/other.example")
    assert not HANDLERS["railway:index:ServiceDomain"].diff(found, state.inputs).changes


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ("cat/production/web", f"has no project cat; it has: delightful-cat {PROJECT}"),
        ("delightful-cat/test/web", f"delightful-cat has no environment test; it has: production {ENVIRONMENT}"),
        ("delightful-cat/production/wep", "delightful-cat has no service wep; it has: web "),
        ("web", "is not of the form project/environment/service"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    stack: Any, cloud: Any, context: Context, identity: str, told: str
) -> None:
    stack.up("Service")
    cloud.calls.clear()
    with pytest.raises(UserError, match=told):
        read(context, "Service", identity)
    assert cloud.operations("mutation") == []


def test_a_name_had_twice_is_not_guessed(stack: Any, cloud: Any, context: Context) -> None:
    first = stack.up("Service").outputs["serviceId"]
    cloud.railway.seed({"services": [{"name": "other"}]})
    other = next(each for each in cloud.railway.world.services.values() if each.name == "other")
    other.name = "web"
    with pytest.raises(UserError, match=f"has 2 services named web: {first}, {other.id}. Import one of them by its id"):
        read(context, "Service", NAMES)


def test_a_service_being_deleted_is_not_found(stack: Any, cloud: Any, context: Context) -> None:
    stack.up("Service")
    cloud.railway.delete_service("web")
    with pytest.raises(UserError, match="has no service web; it has: none"):
        read(context, "Service", NAMES)
