"""Custom domains: whose they are, which DNS records they need, and how their certificates come about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway import Speed

from .conftest import ENVIRONMENT, PROJECT

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

Until = Callable[[Callable[[], Any]], Any]

FIELDS = """id domain targetPort deletedAt isRailwayDomain status {
    certificateStatus certificateErrorMessage verified verificationDnsHost verificationToken
    dnsRecords { hostlabel zone fqdn recordType requiredValue currentValue status purpose } }"""
CREATE = f"mutation($input: CustomDomainCreateInput!) {{ customDomainCreate(input: $input) {{ {FIELDS} }} }}"
UPDATE = """mutation($id: String!, $environment: String!, $port: Int) {
    customDomainUpdate(id: $id, environmentId: $environment, targetPort: $port) }"""
DELETE = "mutation($id: String!) { customDomainDelete(id: $id) }"
ISSUE = "mutation($id: String!) { customDomainIssueCertificate(id: $id) }"
READ = f"""query($project: String!, $environment: String!, $service: String!) {{
    domains(projectId: $project, environmentId: $environment, serviceId: $service) {{
        customDomains {{ {FIELDS} }} }} }}"""


def given(service: str, domain: str = "api.shop.org", **more: Any) -> dict[str, Any]:
    return {"projectId": PROJECT, "environmentId": ENVIRONMENT, "serviceId": service, "domain": domain, **more}


def create(cloud: Cloud, service: str, domain: str = "api.shop.org", **more: Any) -> dict[str, Any]:
    return dict(cloud.api.data(CREATE, input=given(service, domain, **more))["customDomainCreate"])


def domains(cloud: Cloud, service: str) -> list[dict[str, Any]]:
    found = cloud.api.data(READ, project=PROJECT, environment=ENVIRONMENT, service=service)
    return list(found["domains"]["customDomains"])


def status(cloud: Cloud, service: str) -> dict[str, Any]:
    return dict(domains(cloud, service)[0]["status"])


def set_records(cloud: Cloud, made: dict[str, Any]) -> None:
    """What the owner does at the DNS provider."""
    zone = made["status"]["dnsRecords"][0]["zone"]
    host, token = made["status"]["verificationDnsHost"], made["status"]["verificationToken"]
    cloud.railway.set_dns(f"{host}.{zone}", "TXT", token)
    for record in made["status"]["dnsRecords"]:
        cloud.railway.set_dns(record["fqdn"], record["recordType"].rpartition("_")[2], record["requiredValue"])


def test_a_new_domain_tells_its_records_and_waits_for_them(cloud: Cloud) -> None:
    service = cloud.create_service()
    made = create(cloud, service, targetPort=4000)
    assert (made["domain"], made["targetPort"], made["isRailwayDomain"]) == ("api.shop.org", 4000, False)
    [record] = made["status"].pop("dnsRecords")
    assert record.pop("requiredValue").endswith(".up.railway.app")
    assert record == {
        "hostlabel": "api",
        "zone": "shop.org",
        "fqdn": "api.shop.org",
        "recordType": "DNS_RECORD_TYPE_CNAME",
        "currentValue": "",
        "status": "DNS_RECORD_STATUS_REQUIRES_UPDATE",
        "purpose": "DNS_RECORD_PURPOSE_TRAFFIC_ROUTE",
    }
    assert made["status"].pop("verificationToken").startswith("railway-verify=")
    assert made["status"] == {
        "certificateStatus": "CERTIFICATE_STATUS_TYPE_VALIDATING_OWNERSHIP",
        "certificateErrorMessage": None,
        "verified": False,
        "verificationDnsHost": "_railway-verify.api",
    }


def test_right_records_lead_to_a_certificate(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    made = create(cloud, service)
    cloud.railway.world.speed = Speed(step=1.5)
    cloud.railway.set_dns("api.shop.org", "CNAME", "elsewhere.org")
    found = status(cloud, service)
    assert (found["dnsRecords"][0]["currentValue"], found["verified"]) == ("elsewhere.org", False)
    set_records(cloud, made)
    found = status(cloud, service)
    assert (found["verified"], found["certificateStatus"]) == (True, "CERTIFICATE_STATUS_TYPE_ISSUING")
    assert found["dnsRecords"][0]["status"] == "DNS_RECORD_STATUS_PROPAGATED"
    until(lambda: status(cloud, service)["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_VALID")
    cloud.railway.set_dns("api.shop.org", "CNAME", None)
    found = status(cloud, service)
    assert found["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_VALID", "a certificate is not taken back"
    assert found["dnsRecords"][0]["status"] == "DNS_RECORD_STATUS_REQUIRES_UPDATE"


def test_a_certificate_that_fails_is_tried_again_when_asked(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    cloud.railway.seed({"behaviour": {"certificate_error": "CAA forbids it"}})
    made = create(cloud, service)
    set_records(cloud, made)
    until(lambda: status(cloud, service)["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_ISSUE_FAILED")
    assert status(cloud, service)["certificateErrorMessage"] == "CAA forbids it"
    cloud.railway.seed({"behaviour": {"certificate_error": ""}})
    assert status(cloud, service)["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_ISSUE_FAILED"
    cloud.api.data(ISSUE, id=made["id"])
    until(lambda: status(cloud, service)["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_VALID")


@pytest.mark.parametrize(
    ("domain", "host", "labels"),
    [
        ("shop.org", "_railway-verify", [""]),
        ("*.shop.org", "_railway-verify", ["*", "_acme-challenge"]),
        ("*.eu.shop.org", "_railway-verify.eu", ["*.eu", "_acme-challenge.eu"]),
    ],
)
def test_roots_and_wildcards_have_records_of_their_own(cloud: Cloud, domain: str, host: str, labels: list[str]) -> None:
    made = create(cloud, cloud.create_service(), domain)["status"]
    assert (made["verificationDnsHost"], [each["hostlabel"] for each in made["dnsRecords"]]) == (host, labels)


def test_where_railway_is_the_registrar_the_records_are_there(cloud: Cloud, until: Until) -> None:
    cloud.railway.seed({"behaviour": {"own_zones": ["shop.org"]}})
    service = cloud.create_service()
    made = create(cloud, service, "*.shop.org")
    assert (made["isRailwayDomain"], made["status"]["verified"]) == (True, True)
    assert made["status"]["verificationToken"] is None
    until(lambda: status(cloud, service)["certificateStatus"] == "CERTIFICATE_STATUS_TYPE_VALID")


def test_the_port_is_set_and_cleared(cloud: Cloud) -> None:
    service = cloud.create_service()
    made = create(cloud, service)
    for port in (5000, None):
        assert cloud.api.data(UPDATE, id=made["id"], environment=ENVIRONMENT, port=port)["customDomainUpdate"]
        assert domains(cloud, service)[0]["targetPort"] == port


def test_a_name_has_one_owner(cloud: Cloud) -> None:
    service, other = cloud.create_service(), cloud.create_service("other")
    cloud.railway.seed({"foreignDomains": ["taken.org", "*.theirs.org"]})
    create(cloud, service)
    for owner, name in ((service, "api.shop.org"), (other, "API.shop.org"), (service, "taken.org")):
        assert cloud.api.error(CREATE, input=given(owner, name)).endswith("is not available")
    for owner, name in ((other, "*.shop.org"), (service, "a.theirs.org")):
        assert cloud.api.error(CREATE, input=given(owner, name)).endswith("overlaps with existing wildcard domain")
    assert create(cloud, service, "*.shop.org")["id"], "the service has both"


@pytest.mark.parametrize(
    "name", ["shop", "a.*.shop.org", "10.0.0.1", "shop.up.railway.app", "-a.shop.org", "bücher.org"]
)
def test_what_is_no_public_name_is_refused(cloud: Cloud, name: str) -> None:
    assert cloud.api.error(CREATE, input=given(cloud.create_service(), name)) == f"{name} is not a valid domain"


def test_the_plan_has_a_limit(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.railway.seed({"behaviour": {"custom_domains_per_service": 1}})
    create(cloud, service)
    assert "limit for custom domains" in cloud.api.error(CREATE, input=given(service, "www.shop.org"))


def test_a_deleted_domain_is_listed_for_a_moment_and_its_name_is_free(cloud: Cloud, until: Until) -> None:
    service = cloud.create_service()
    made = create(cloud, service)
    cloud.railway.world.speed = Speed(step=1.5)
    assert cloud.api.data(DELETE, id=made["id"]) == {"customDomainDelete": True}
    assert [bool(each["deletedAt"]) for each in domains(cloud, service)] == [True]
    assert cloud.api.error(DELETE, id=made["id"]) == "CustomDomain not found"
    again = create(cloud, service)
    assert again["status"]["dnsRecords"] != made["status"]["dnsRecords"], "another target"
    until(lambda: [each["id"] for each in domains(cloud, service)] == [again["id"]])


def test_a_deleted_service_gives_its_names_back(cloud: Cloud) -> None:
    service, other = cloud.create_service(), cloud.create_service("other")
    create(cloud, service)
    cloud.railway.delete_service(service)
    assert create(cloud, other)["id"]
