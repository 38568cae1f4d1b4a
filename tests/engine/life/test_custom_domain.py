"""What a run says of a custom domain that goes wrong, and that the next one goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.core.faults import Fault

if TYPE_CHECKING:
    from localcloud.railway.state.model import CustomDomain
    from tests.engine.life.life import Run
    from tests.engine.life.place import Place

pytestmark = pytest.mark.engine

NAME = "api.shop.org"


@pytest.fixture
def run(place: Place, make_run: Callable[[str, str], Run]) -> Run:
    run = make_run("railway:index:CustomDomain", "stack")
    ids = {"projectId": place.project_id, "environmentId": place.environment_id, "serviceId": place.make_service()}
    run.want({**ids, "domain": NAME})
    return run


def made(place: Place) -> list[CustomDomain]:
    return list(place.cloud.railway.world.custom_domains.values())


def outputs(run: Run) -> dict[str, Any]:
    recorded = run.recorded()
    assert recorded is not None
    return dict(recorded["outputs"])


def failed(run: Run) -> str:
    result = run.engine.up(run.environment)
    assert result.status != 0, result.output
    assert run.engine.name == "pulumi" or "Traceback" not in result.output  # the CLI shows one of its own
    return result.output


def test_a_certificate_that_never_comes_ends_the_run_and_the_next_one_gets_it(place: Place, run: Run) -> None:
    run.change({"waitForCertificate": True, "certificateTimeout": 1})
    said = failed(run)
    [domain] = made(place)
    assert f"Waiting up to 1 s for the certificate of {NAME}" in said
    assert f"There is no certificate for {NAME} after 1 s: it is VALIDATING_OWNERSHIP" in said
    assert f"CNAME {NAME} {domain.target} (now nothing)" in said
    for record in outputs(run)["dnsRecords"]:
        place.cloud.railway.set_dns(record["fqdn"], record["recordType"], record["requiredValue"])
    run.change({"certificateTimeout": 60})
    run.up()
    assert (outputs(run)["certificateStatus"], made(place)) == ("VALID", [domain])
    run.up("--expect-no-changes")


def test_a_name_of_somebody_else_ends_the_run_and_a_lost_answer_does_not(place: Place, run: Run) -> None:
    place.cloud.railway.seed({"foreignDomains": [NAME]})
    said = failed(run)
    assert f"Railway does not give {NAME} to service {place.service_id()}" in said
    assert "Nothing was changed" in said
    assert run.recorded() is None
    place.cloud.railway.world.foreign_domains.clear()
    place.cloud.calls.clear()
    place.cloud.faults.add(Fault("railway", "customDomainCreate", "drop_after"))
    assert "Looking whether the domain was made" in run.up().output
    assert [outputs(run)["domainId"]] == [each.id for each in made(place)]
    assert place.writes() == ["customDomainCreate"]
