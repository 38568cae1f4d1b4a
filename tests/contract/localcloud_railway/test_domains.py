"""Service domains, and the edge behind them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.railway import Speed
from localcloud.railway.runner.container import free_port

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
CREATE = "mutation($input: ServiceDomainCreateInput!) { serviceDomainCreate(input: $input) { id } }"
UPDATE = "mutation($input: ServiceDomainUpdateInput!) { serviceDomainUpdate(input: $input) }"
DELETE = "mutation($id: String!) { serviceDomainDelete(id: $id) }"
AVAILABLE = "query($domain: String!) { serviceDomainAvailable(domain: $domain) { available message } }"
LIST = """query($project: String!, $environment: String!, $service: String!) {
    domains(projectId: $project, environmentId: $environment, serviceId: $service) {
        serviceDomains { id domain targetPort syncStatus deletedAt serviceId } customDomains { id } } }"""
Until = Callable[..., Any]


def listed(cloud: Cloud, service: str) -> list[dict[str, Any]]:
    found = cloud.api.data(LIST, project=PROJECT, environment=ENVIRONMENT, service=service)["domains"]
    assert found["customDomains"] == []
    return list(found["serviceDomains"])


def update(service: str, domain: dict[str, Any], name: str, port: int | None) -> dict[str, Any]:
    place = {"environmentId": ENVIRONMENT, "serviceId": service}
    return {**place, "serviceDomainId": domain["id"], "domain": name, "targetPort": port}


def test_a_domain_is_made_once_and_becomes_active(cloud: Cloud) -> None:
    service = cloud.create_service()
    assert listed(cloud, service) == []
    cloud.railway.world.speed = Speed(step=600)
    domain = cloud.create_domain(service, 4000)
    assert (domain["targetPort"], domain["syncStatus"]) == (4000, "CREATING")
    cloud.railway.world.speed = Speed(step=0)
    assert listed(cloud, service)[0]["syncStatus"] == "ACTIVE"
    given = {"environmentId": ENVIRONMENT, "serviceId": service}
    assert "already exists" in cloud.api.error(CREATE, input=given)
    assert [item["id"] for item in listed(cloud, service)] == [domain["id"]]


def test_without_an_instance_there_is_no_domain(cloud: Cloud) -> None:
    cloud.railway.seed({"forks": ["preview"]})
    fork = next(iter(set(cloud.railway.world.environments) - {ENVIRONMENT}))
    given = {"environmentId": fork, "serviceId": cloud.create_service()}
    assert cloud.account.error(CREATE, input=given) == "ServiceInstance not found"


def test_a_domain_serves_404_until_something_is_deployed(cloud: Cloud) -> None:
    domain = cloud.create_domain(cloud.create_service())
    answer = cloud.get(domain["domain"], "/anything")
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (404, "error", 404)
    assert body["message"] == "Application not found"
    assert answer.headers["x-railway-edge"]
    assert answer.headers["x-railway-request-id"] == body["request_id"]


def test_the_certificate_is_trusted_through_the_bundle_only(cloud: Cloud) -> None:
    domain = cloud.create_domain(cloud.create_service())
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://{domain['domain']}", trust_env=False)
    assert cloud.get(domain["domain"]).status_code == 404


def test_requests_and_answers_pass_through_unchanged(cloud: Cloud) -> None:
    _, domain, _ = cloud.launched()
    cloud.serving(domain, "one")
    with cloud.visitor() as client:
        answer = client.post(f"https://{domain}/a%20b?c=d%2Fe", content=b"x" * 100_000, headers={"x-own": "1"})
        assert answer.status_code == 201
        assert answer.json()["body"] == "x" * 100_000
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert answer.headers["x-railway-edge"]
        seen = {name.lower(): value for name, value in answer.json()["headers"].items()}
        assert (seen["host"], seen["x-own"], seen["x-forwarded-proto"]) == (domain, "1", "https")
        assert "transfer-encoding" not in seen
        got = client.get(f"https://{domain}/a%20b?c=d%2Fe")
        assert got.json()["path"] == "/a%20b?c=d%2Fe"
        assert "content-length" not in {name.lower() for name in got.json()["headers"]}


def test_an_answer_is_passed_on_while_it_comes(cloud: Cloud) -> None:
    _, domain, _ = cloud.launched()
    cloud.serving(domain, "one")
    with cloud.visitor() as client, client.stream("GET", f"https://{domain}/stream") as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == b"data: 0\ndata: 1\ndata: 2\n"
    assert len(pieces) > 1


def test_a_wrong_target_port_is_answered_by_the_edge(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    cloud.serving(domain, "one")
    (found,) = listed(cloud, service)
    assert cloud.api.data(UPDATE, input=update(service, found, domain, 9999)) == {"serviceDomainUpdate": True}
    answer = cloud.get(domain)
    assert (answer.status_code, answer.json()["message"]) == (502, "Application failed to respond")
    cloud.api.data(UPDATE, input=update(service, found, domain, 4000))
    assert cloud.serving(domain, "one")


def test_a_domain_is_renamed_to_an_address_that_is_free(cloud: Cloud) -> None:
    service, domain, _ = cloud.launched()
    (found,) = listed(cloud, service)
    name = f"127.0.0.1:{free_port()}"
    assert cloud.api.data(AVAILABLE, domain=name)["serviceDomainAvailable"]["available"]
    cloud.api.data(UPDATE, input=update(service, found, name, 4000))
    assert [item["domain"] for item in listed(cloud, service)] == [name]
    assert cloud.serving(name, "one")["env"]["RAILWAY_PUBLIC_DOMAIN"] == domain, "captured at the start"
    assert not cloud.api.data(AVAILABLE, domain=name)["serviceDomainAvailable"]["available"]


def test_a_name_is_free_as_soon_as_its_domain_is_deleted(cloud: Cloud) -> None:
    service = cloud.create_service()
    old = cloud.create_domain(service)
    cloud.api.data(DELETE, id=old["id"])
    new = cloud.create_domain(service)
    cloud.api.data(UPDATE, input=update(service, new, old["domain"], None))
    assert old["domain"] in {item["domain"] for item in listed(cloud, service) if item["id"] == new["id"]}


@pytest.mark.parametrize("name", ["web.up.railway.app", "127.0.0.1:99999", "10.0.0.1:8080", "127.0.0.1"])
def test_names_that_this_edge_cannot_serve_are_not_available(cloud: Cloud, name: str) -> None:
    service = cloud.create_service()
    domain = cloud.create_domain(service)
    found = cloud.api.data(AVAILABLE, domain=name)["serviceDomainAvailable"]
    assert (found["available"], name in found["message"]) == (False, True)
    assert cloud.api.error(UPDATE, input=update(service, domain, name, None)) == found["message"]
    assert listed(cloud, service)[0]["domain"] == domain["domain"]


def test_a_deleted_domain_is_listed_for_a_moment_and_closed_at_once(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    domain = cloud.create_domain(service)
    cloud.railway.world.speed = Speed(step=0.5)
    assert cloud.api.data(DELETE, id=domain["id"]) == {"serviceDomainDelete": True}
    (found,) = listed(cloud, service)
    assert found["syncStatus"] == "DELETING"
    assert found["deletedAt"]
    assert cloud.api.error(DELETE, id=domain["id"]) == "ServiceDomain not found"
    until(lambda: listed(cloud, service) == [])
    until(lambda: cloud.closed(domain["domain"]))
    assert cloud.create_domain(service)["id"] != domain["id"]


def test_the_edge_answers_502_for_a_moment_while_it_switches(cloud: Cloud, until: Until) -> None:
    service, domain, _ = cloud.launched()
    cloud.serving(domain, "one")
    cloud.railway.seed({"behaviour": {"holds": ["DEPLOYING"]}})
    deployment = cloud.deploy(service)
    cloud.await_status(deployment, "DEPLOYING")
    cloud.railway.world.speed = Speed(step=0.5)
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        with cloud.visitor() as client:
            while not done.is_set():
                seen.append(client.get(f"https://{domain}/").status_code)

    watcher = threading.Thread(target=watch)
    watcher.start()
    cloud.railway.release(deployment)
    until(lambda: seen[-1:] == [200] and 502 in seen)
    done.set()
    watcher.join()
    assert set(seen) == {200, 502}
