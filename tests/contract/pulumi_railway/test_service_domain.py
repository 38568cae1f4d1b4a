"""`ServiceDomain`: one, never a second."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from pulumi_railway.errors import UserError
from pulumi_railway.handlers import HANDLERS
from pulumi_railway.handlers.base import UNKNOWN, State

pytestmark = pytest.mark.contract

DOMAIN = HANDLERS["railway:index:ServiceDomain"]


@pytest.fixture(autouse=True)
def service(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.calls.clear()


def domains(cloud: Any) -> list[Any]:
    with cloud.railway.world.lock:
        return [each for each in cloud.railway.world.domains.values() if each.deleted_at is None]


def free_name(cloud: Any) -> str:
    """An address that nobody has."""
    host = str(domains(cloud)[0].domain).partition(":")[0]
    with socket.create_server((host, 0)) as server:
        return f"{host}:{server.getsockname()[1]}"


def test_railway_chooses_the_name(stack: Any, cloud: Any) -> None:
    state = stack.up("ServiceDomain")
    [domain] = domains(cloud)
    assert state.outputs["domain"] == domain.domain
    assert state.outputs["url"] == f"https://{domain.domain}"
    assert state.id.endswith(f"/{domain.id}")
    assert domain.target_port == 4000
    assert cloud.operations() == ["domains", "serviceDomainCreate"]


def test_the_one_there_is_is_used(stack: Any, cloud: Any) -> None:
    first = stack.up("ServiceDomain")
    del stack.states["ServiceDomain"]
    cloud.calls.clear()
    second = stack.up("ServiceDomain", targetPort=5000)
    assert second.id == first.id
    assert cloud.operations("mutation") == ["serviceDomainUpdate"]
    assert [each.target_port for each in domains(cloud)] == [5000]


def test_port_and_name_change_in_place(stack: Any, cloud: Any) -> None:
    before = stack.up("ServiceDomain")
    name = free_name(cloud)
    after = stack.up("ServiceDomain", targetPort=5000, domain=name)
    assert after.id == before.id
    assert [(each.domain, each.target_port) for each in domains(cloud)] == [(name, 5000)]
    assert after.outputs["url"] == f"https://{name}"
    assert stack.changes("ServiceDomain", targetPort=5000) == []
    assert stack.refresh("ServiceDomain") == after


def test_a_name_that_is_refused_leaves_the_domain_as_it_was(stack: Any, cloud: Any, failing: Any) -> None:
    before = stack.up("ServiceDomain")
    cloud.fault("serviceDomainUpdate", "graphql_error", message="Domain is taken")
    failure = failing("ServiceDomain", domain="taken.up.railway.app")
    assert "Domain is taken" in failure.reasons[0]
    assert failure.state.outputs["url"] == before.outputs["url"]


def test_a_lost_answer_is_resolved_by_looking(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceDomainCreate", "drop_after")
    state = stack.up("ServiceDomain")
    assert [each.id for each in domains(cloud)] == [state.outputs["domainId"]]
    assert cloud.operations("mutation") == ["serviceDomainCreate"]


def test_a_create_that_never_arrived_says_so(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceDomainCreate", "drop_before")
    with pytest.raises(UserError, match="none was made: run again"):
        stack.up("ServiceDomain")
    assert domains(cloud) == []


def test_a_race_with_a_change_of_the_environment_is_waited_out(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceDomainCreate", "graphql_error", message="Failed to create service domain, please try again")
    cloud.fault("serviceDomainCreate", "graphql_error", message="ServiceInstance not found")
    stack.up("ServiceDomain")
    assert len(domains(cloud)) == 1


def test_a_refusal_for_good_is_not_tried_again(stack: Any, cloud: Any) -> None:
    cloud.fault("serviceDomainCreate", "graphql_error", message="Plan limit reached")
    with pytest.raises(UserError, match="Plan limit reached"):
        stack.up("ServiceDomain")
    assert cloud.operations("mutation") == ["serviceDomainCreate"]


def test_a_port_changed_by_hand_is_drift_and_put_back(stack: Any, cloud: Any) -> None:
    stack.up("ServiceDomain")
    domains(cloud)[0].target_port = 1
    stack.refresh("ServiceDomain")
    assert stack.changes("ServiceDomain") == ["targetPort"]
    stack.up("ServiceDomain")
    assert domains(cloud)[0].target_port == 4000


def test_a_domain_deleted_by_hand_is_gone(stack: Any, cloud: Any) -> None:
    state = stack.up("ServiceDomain")
    stack.delete("ServiceDomain")
    stack.delete("ServiceDomain")
    assert domains(cloud) == []
    assert stack.refresh("ServiceDomain") is None
    with pytest.raises(UserError, match="is gone"):
        DOMAIN.update(cloud.context(), state, stack.inputs("ServiceDomain", targetPort=1))


def test_a_service_that_is_gone_took_its_domain_along(stack: Any, cloud: Any) -> None:
    stack.up("ServiceDomain")
    cloud.railway.delete_service("web")
    assert stack.refresh("ServiceDomain") is None
    stack.delete("ServiceDomain")


def test_an_import_shows_port_and_name(stack: Any, cloud: Any) -> None:
    state = stack.up("ServiceDomain")
    imported = DOMAIN.read(cloud.context(), State(state.id, {}, {}))
    assert imported is not None
    assert imported.inputs == {**state.inputs, "domain": state.outputs["domain"]}
    with pytest.raises(UserError, match="project/environment/service/domain"):
        DOMAIN.read(cloud.context(), State("a/b", {}, {}))


def test_another_service_means_another_domain(stack: Any) -> None:
    state = stack.up("ServiceDomain")
    found = DOMAIN.diff(state, stack.inputs("ServiceDomain", serviceId="other"))
    assert list(found.replaces) == ["serviceId"]
    assert not found.delete_before_replace


def test_a_name_goes_from_one_service_before_another_gets_it(stack: Any) -> None:
    state = stack.up("ServiceDomain")
    named = State(state.id, {**state.inputs, "domain": "a.up.railway.app"}, state.outputs)
    moved = stack.inputs("ServiceDomain", serviceId="other", domain="a.up.railway.app")
    assert DOMAIN.diff(named, moved).delete_before_replace
    assert not DOMAIN.diff(named, {**moved, "domain": "b.up.railway.app"}).delete_before_replace


def test_a_preview_keeps_a_known_name(stack: Any, cloud: Any) -> None:
    inputs = stack.inputs("ServiceDomain")
    assert DOMAIN.preview(cloud.context(), None, inputs)["url"] is UNKNOWN
    named = DOMAIN.preview(cloud.context(), None, stack.inputs("ServiceDomain", domain="a.up.railway.app"))
    assert named["url"] == "https://a.up.railway.app"
    state = stack.up("ServiceDomain")
    cloud.calls.clear()
    assert DOMAIN.preview(cloud.context(), state, inputs)["url"] == state.outputs["url"]
    assert cloud.calls.list() == []
