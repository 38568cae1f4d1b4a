"""`CustomDomain`: one name, one owner, the records it needs, and the wait for its certificate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_railway.errors import UserError
from pulumi_railway.handlers.base import UNKNOWN, PartialFailure, State

from .conftest import HERE

pytestmark = pytest.mark.contract

DOMAIN = HERE["railway:index:CustomDomain"]
NAME = "api.shop.org"


@pytest.fixture(autouse=True)
def service(stack: Any, cloud: Any) -> None:
    stack.up("Service")
    cloud.calls.clear()


def domains(cloud: Any) -> list[Any]:
    with cloud.railway.world.lock:
        return [each for each in cloud.railway.world.custom_domains.values() if each.deleted_at is None]


def set_records(cloud: Any, state: State) -> None:
    """What the owner does at the DNS provider, from the outputs alone."""
    for record in state.outputs["dnsRecords"]:
        cloud.railway.set_dns(record["fqdn"], record["recordType"], record["requiredValue"])


def forget(stack: Any) -> None:
    """As a run leaves it that was cut off before it could record anything."""
    del stack.states["CustomDomain"]


def test_its_records_are_outputs_with_the_proof_of_ownership(stack: Any, cloud: Any) -> None:
    state = stack.up("CustomDomain", targetPort=4000.0)
    [domain] = domains(cloud)
    assert (domain.domain, domain.target_port) == (NAME, 4000)
    assert state.id == f"{stack.states['Service'].id}/{domain.id}"
    of_zone = {"zone": "shop.org"}
    assert state.outputs["dnsRecords"] == [
        {"recordType": "CNAME", "fqdn": NAME, "hostlabel": "api", **of_zone}
        | {"requiredValue": domain.target, "purpose": "TRAFFIC_ROUTE"},
        {"recordType": "TXT", "fqdn": f"_railway-verify.{NAME}", "hostlabel": "_railway-verify.api", **of_zone}
        | {"requiredValue": domain.token, "purpose": "VERIFICATION"},
    ]
    assert (state.outputs["verified"], state.outputs["certificateStatus"]) == (False, "VALIDATING_OWNERSHIP")
    assert cloud.operations() == ["domains", "customDomainCreate"]


def test_a_wildcard_has_its_challenge_and_comes_last(stack: Any) -> None:
    records = stack.up("CustomDomain", domain="*.shop.org").outputs["dnsRecords"]
    assert [each["hostlabel"] for each in records] == ["_acme-challenge", "_railway-verify", "*"]
    assert records[0]["purpose"] == "ACME_DNS01_CHALLENGE"


@pytest.mark.parametrize("host", ["_railway-verify.api", "_railway-verify.api.shop.org"])
def test_the_proof_has_its_name_whether_railway_gives_it_with_the_zone_or_without(
    stack: Any, cloud: Any, host: str
) -> None:
    route = {"hostlabel": "api", "zone": "shop.org", "fqdn": NAME, "recordType": "DNS_RECORD_TYPE_CNAME"}
    record = {**route, "requiredValue": "x", "currentValue": "", "status": "", "purpose": ""}
    proof = {"verified": False, "verificationDnsHost": host, "verificationToken": "t"}
    certificate = {"certificateStatus": "CERTIFICATE_STATUS_TYPE_ISSUING", "certificateErrorMessage": None}
    status = {**proof, **certificate, "dnsRecords": [record]}
    body = json.dumps(
        {"data": {"customDomainCreate": {"id": "d", "domain": NAME, "targetPort": None, "status": status}}}
    )
    cloud.fault("customDomainCreate", "status", code=200, body=body)
    found = stack.up("CustomDomain").outputs["dnsRecords"][-1]
    assert (found["hostlabel"], found["fqdn"]) == ("_railway-verify.api", f"_railway-verify.{NAME}")


@pytest.mark.parametrize(
    "name",
    ["shop", "API.shop.org", "bücher.org", "a.*.org", "*.*.shop.org", "10.0.0.1", "shop.org.", "shop.up.railway.app",
     "https://shop.org", f"{'a' * 64}.org", f"{'a.' * 126}org", "-a.org", ""],
)  # fmt: skip
def test_what_is_no_name_is_refused_before_any_call(stack: Any, cloud: Any, name: str) -> None:
    checked = DOMAIN.check(None, {**stack.inputs("CustomDomain"), "domain": name})
    assert [failure.property for failure in checked.failures] == ["domain"]
    assert cloud.operations() == []


@pytest.mark.parametrize("name", ["xn--bcher-kva.org", "*.eu.shop.org", "a-b.co.uk", "1.shop.xn--p1ai"])
def test_names_as_dns_has_them_are_taken(stack: Any, name: str) -> None:
    assert stack.inputs("CustomDomain", domain=name)["domain"] == name


def test_the_same_again_changes_nothing_whatever_dns_says(stack: Any, cloud: Any) -> None:
    before = stack.up("CustomDomain")
    set_records(cloud, before)
    cloud.calls.clear()
    after = stack.refresh("CustomDomain")
    assert after.inputs == before.inputs
    assert after.outputs["verified"]
    assert after.outputs["dnsRecords"] == before.outputs["dnsRecords"], "others are made from them"
    assert stack.changes("CustomDomain") == []
    assert cloud.operations() == ["domains"]


def test_the_one_the_service_has_is_used(stack: Any, cloud: Any) -> None:
    first = stack.up("CustomDomain")
    forget(stack)
    cloud.calls.clear()
    assert stack.up("CustomDomain", targetPort=5000).id == first.id
    assert cloud.operations("mutation") == ["customDomainUpdate"]
    assert "is there already" in cloud.messages.text


def test_somebody_elses_name_is_refused_and_nothing_is_changed(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"foreignDomains": [NAME]})
    with pytest.raises(UserError, match="is not available") as refused:
        stack.up("CustomDomain")
    for fact in (NAME, stack.states["Service"].outputs["serviceId"], "Nothing was changed", "ask for another"):
        assert fact in str(refused.value)
    assert domains(cloud) == []
    cloud.railway.world.foreign_domains.clear()
    assert stack.up("CustomDomain").outputs["domainId"]


def test_one_too_many_for_the_plan_is_refused(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"custom_domains_per_service": 0}})
    with pytest.raises(UserError, match="limit for custom domains"):
        stack.up("CustomDomain")
    assert cloud.operations("mutation") == ["customDomainCreate"]


def test_the_port_changes_in_place_and_is_cleared(stack: Any, cloud: Any) -> None:
    before = stack.up("CustomDomain", targetPort=4000)
    for port in (5000, None):
        after = stack.up("CustomDomain", targetPort=port)
        assert (after.id, domains(cloud)[0].target_port) == (before.id, port)
        assert stack.refresh("CustomDomain") == after


def test_a_port_that_did_not_take_is_told(stack: Any, cloud: Any, failing: Any) -> None:
    stack.up("CustomDomain")
    cloud.fault("customDomainUpdate", "graphql_error", message="Port is odd")
    assert "Port is odd" in str(failing("CustomDomain", targetPort=5000))
    assert stack.up("CustomDomain", targetPort=5000).outputs["targetPort"] == domains(cloud)[0].target_port == 5000


def test_a_lost_answer_makes_no_second_domain(stack: Any, cloud: Any) -> None:
    cloud.fault("customDomainCreate", "drop_after")
    state = stack.up("CustomDomain")
    assert [each.id for each in domains(cloud)] == [state.outputs["domainId"]]
    assert cloud.operations("mutation") == ["customDomainCreate"]


def test_a_create_that_never_arrived_says_so(stack: Any, cloud: Any) -> None:
    cloud.fault("customDomainCreate", "drop_before")
    with pytest.raises(UserError, match="none was made: run again"):
        stack.up("CustomDomain")
    assert domains(cloud) == []
    assert stack.up("CustomDomain").outputs["domainId"]


def test_a_service_that_is_not_ready_is_waited_for(stack: Any, cloud: Any) -> None:
    cloud.fault("customDomainCreate", "graphql_error", message="ServiceInstance not found")
    assert stack.up("CustomDomain").outputs["domainId"]


def test_it_waits_for_the_certificate_and_says_what_for(stack: Any, cloud: Any) -> None:
    state = stack.up("CustomDomain")
    set_records(cloud, state)
    assert stack.changes("CustomDomain", waitForCertificate=True) == ["waitForCertificate"]
    after = stack.up("CustomDomain", waitForCertificate=True)
    assert after.outputs["certificateStatus"] == "VALID"
    assert f"for the certificate of {NAME}: it is ISSUING. DNS is right." in cloud.messages.text
    assert stack.changes("CustomDomain", waitForCertificate=True, certificateTimeout=1) == []
    assert stack.changes("CustomDomain") == []


def test_a_certificate_that_never_comes_ends_with_what_dns_lacks(stack: Any, cloud: Any, failing: Any) -> None:
    cloud.railway.set_dns(NAME, "CNAME", "elsewhere.org")
    failure = failing("CustomDomain", waitForCertificate=True, certificateTimeout=2)
    [domain] = domains(cloud)
    for fact in ("after 2 s", NAME, domain.id, f"CNAME {NAME} {domain.target} (now elsewhere.org)", "Run again"):
        assert fact in str(failure)
    assert f"TXT _railway-verify.{NAME} {domain.token} (now nothing)" in str(failure)
    assert "Waiting up to 2 s" in cloud.messages.text
    set_records(cloud, failure.state)
    cloud.calls.clear()
    assert stack.up("CustomDomain", waitForCertificate=True).outputs["certificateStatus"] == "VALID"
    assert (cloud.operations("mutation"), len(domains(cloud))) == ([], 1)


def test_a_custom_timeout_bounds_the_wait(stack: Any, cloud: Any) -> None:
    inputs = stack.inputs("CustomDomain", waitForCertificate=True)
    with pytest.raises(PartialFailure, match="after 1 s"):
        DOMAIN.create(cloud.context(timeout=1.0), inputs)


def test_a_certificate_that_fails_ends_the_wait_and_is_asked_for_by_the_next_run(
    stack: Any, cloud: Any, failing: Any
) -> None:
    cloud.railway.seed({"behaviour": {"own_zones": ["shop.org"], "certificate_error": "CAA forbids it"}})
    failure = failing("CustomDomain", waitForCertificate=True)
    assert "could not be issued: CAA forbids it. Mend that and run again" in str(failure)
    assert cloud.operations("mutation") == ["customDomainCreate"]
    cloud.railway.seed({"behaviour": {"certificate_error": ""}})
    stack.refresh("CustomDomain")
    assert stack.changes("CustomDomain", waitForCertificate=True) == ["waitForCertificate"]
    assert stack.up("CustomDomain", waitForCertificate=True).outputs["certificateStatus"] == "VALID"
    assert cloud.operations("mutation") == ["customDomainCreate", "customDomainIssueCertificate"]


def test_an_interrupted_wait_keeps_the_domain(stack: Any, cloud: Any) -> None:
    inputs = stack.inputs("CustomDomain", waitForCertificate=True)
    context = cloud.context(sleep=lambda seconds: cloud.cancelled.set() if seconds else None)
    with pytest.raises(PartialFailure, match="Interrupted") as caught:
        DOMAIN.create(context, inputs)
    assert caught.value.state.outputs["domainId"] == domains(cloud)[0].id


def test_a_domain_deleted_while_it_is_waited_for_is_told(stack: Any, cloud: Any) -> None:
    state = stack.up("CustomDomain")
    inputs = stack.inputs("CustomDomain", waitForCertificate=True)

    def delete(_seconds: float) -> None:
        for each in domains(cloud):
            cloud.railway.rules.custom_domains.delete(each)

    with pytest.raises(PartialFailure, match="was deleted meanwhile"):
        DOMAIN.update(cloud.context(sleep=delete), state, inputs)


def test_deleted_by_hand_it_is_gone_and_deleting_again_is_fine(stack: Any, cloud: Any) -> None:
    state = stack.up("CustomDomain")
    stack.delete("CustomDomain")
    stack.delete("CustomDomain")
    assert domains(cloud) == []
    assert stack.refresh("CustomDomain") is None
    with pytest.raises(UserError, match="is gone"):
        DOMAIN.update(cloud.context(), state, stack.inputs("CustomDomain", targetPort=1))


def test_a_service_that_is_gone_took_it_along(stack: Any, cloud: Any) -> None:
    stack.up("CustomDomain")
    cloud.railway.delete_service("web")
    assert stack.refresh("CustomDomain") is None
    stack.delete("CustomDomain")


def test_an_unknown_place_is_no_deleted_domain(stack: Any, cloud: Any) -> None:
    made = stack.up("CustomDomain")
    project, _, service, domain = made.id.split("/")
    with pytest.raises(UserError, match="is not in project"):
        DOMAIN.read(cloud.context(), State(f"{project}/unknown/{service}/{domain}", made.inputs, made.outputs))


def test_an_import_takes_ids_and_names(stack: Any, cloud: Any) -> None:
    made = stack.up("CustomDomain", targetPort=4000)
    place = "delightful-cat/production/web"
    for name in (made.id, place, f"{place}/{NAME}"):
        found = DOMAIN.read(cloud.context(), State(name, {}, {}))
        assert found == made
    with pytest.raises(UserError, match=f"no domain other.org; it has: {NAME}"):
        DOMAIN.read(cloud.context(), State(f"{place}/other.org", {}, {}))


@pytest.mark.parametrize("name", ["projectId", "environmentId", "serviceId", "domain"])
def test_what_railway_cannot_change_replaces_it(stack: Any, name: str) -> None:
    """A name has one owner: it is given back first, unless another name is asked for."""
    state = stack.up("CustomDomain")
    found = DOMAIN.diff(state, {**state.inputs, name: "other"})
    assert (list(found.replaces), found.delete_before_replace) == ([name], name != "domain")


def test_a_preview_promises_what_is_known(stack: Any, cloud: Any) -> None:
    later = dict.fromkeys(("domainId", "dnsRecords", "verified", "certificateStatus"), UNKNOWN)
    inputs = stack.inputs("CustomDomain")
    assert DOMAIN.preview(cloud.context(), None, inputs) == {**inputs, **later}
    state = stack.up("CustomDomain")
    unsure = {"verified": UNKNOWN, "certificateStatus": UNKNOWN}
    assert DOMAIN.preview(cloud.context(), state, inputs) == {**state.outputs, **unsure}
    set_records(cloud, state)
    valid = stack.up("CustomDomain", waitForCertificate=True)
    assert DOMAIN.preview(cloud.context(), valid, dict(valid.inputs)) == valid.outputs
