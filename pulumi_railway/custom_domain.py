"""A domain of your own for a service."""

from collections.abc import Sequence

import pulumi

from pulumi_railway.resource import Resource, input_type, output_type


@output_type
class DnsRecord(dict[str, str]):
    """A DNS record that a custom domain needs; it stays the same whatever DNS says. A mapping with the same keys."""

    record_type: str = pulumi.property("recordType")
    """CNAME, TXT or A."""

    fqdn: str = pulumi.property("fqdn")
    """The whole name, e.g. `_railway-verify.api.example.com`."""

    hostlabel: str = pulumi.property("hostlabel")
    """The name within the zone, empty for the zone itself."""

    zone: str = pulumi.property("zone")
    """The zone, e.g. `example.com`."""

    required_value: str = pulumi.property("requiredValue")
    """What the record has to say."""

    purpose: str = pulumi.property("purpose")
    """TRAFFIC_ROUTE, ACME_DNS01_CHALLENGE (of a wildcard) or VERIFICATION."""


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    service_id: pulumi.Input[str] = pulumi.property("serviceId")
    domain: pulumi.Input[str] = pulumi.property("domain")
    target_port: pulumi.Input[int] | None = pulumi.property("targetPort", default=None)
    wait_for_certificate: pulumi.Input[bool] | None = pulumi.property("waitForCertificate", default=None)
    certificate_timeout: pulumi.Input[int] | None = pulumi.property("certificateTimeout", default=None)


@pulumi.type_token("railway:index:CustomDomain")
class CustomDomain(Resource):
    """A domain of your own that leads to a service in one environment. A service may have several.

    Railway serves it once DNS says what `dns_records` list; each domain made anew needs others. A domain the service
    has already is used again. Import id: `<project id>/<environment id>/<service id>/<domain id>`.

    Errors: a name that another service or somebody else has, or one too many for the plan, is refused and nothing is
    changed; a certificate that is not there in time fails the run with the records that DNS does not say yet, keeps
    the domain, and the next run waits on. `custom_timeouts` bound the wait too, in seconds.

    Source: https://docs.railway.com/networking/domains/working-with-domains
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the domain."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment; a change replaces the domain."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Id of the service; a change replaces the domain."""

    domain: pulumi.Output[str] = pulumi.property("domain")
    """The name in lower case and punycode, e.g. `api.example.com` or `*.example.com`; a change replaces the domain."""

    target_port: pulumi.Output[int | None] = pulumi.property("targetPort")
    """Port the domain leads to, 1-65535; without it Railway picks one."""

    wait_for_certificate: pulumi.Output[bool | None] = pulumi.property("waitForCertificate")
    """Whether a run ends only once the certificate is valid; false by default.

    A program that sets DNS from `dns_records` can do so once this domain is made, so it waits from its second run on.
    """

    certificate_timeout: pulumi.Output[int | None] = pulumi.property("certificateTimeout")
    """Seconds to wait for the certificate, at most 259200; 600 by default. Railway expects to need up to an hour."""

    domain_id: pulumi.Output[str] = pulumi.property("domainId")
    """Railway's id of the domain."""

    dns_records: pulumi.Output[Sequence[DnsRecord]] = pulumi.property("dnsRecords")
    """What DNS has to say, the proof of ownership included; in the order to set them, a wildcard last."""

    verified: pulumi.Output[bool] = pulumi.property("verified")
    """Whether Railway has seen the proof of ownership."""

    certificate_status: pulumi.Output[str] = pulumi.property("certificateStatus")
    """VALIDATING_OWNERSHIP, ISSUING, VALID or ISSUE_FAILED, as of the last run or refresh."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        service_id: pulumi.Input[str],
        domain: pulumi.Input[str],
        target_port: pulumi.Input[int] | None = None,
        wait_for_certificate: pulumi.Input[bool] | None = None,
        certificate_timeout: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            domain=domain,
            target_port=target_port,
            wait_for_certificate=wait_for_certificate,
            certificate_timeout=certificate_timeout,
        )
        super().__init__(resource_name, inputs, opts)
