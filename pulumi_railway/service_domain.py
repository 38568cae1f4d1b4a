"""The public domain that Railway generates for a service."""

import pulumi

from pulumi_railway.resource import Resource, input_type


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    service_id: pulumi.Input[str] = pulumi.property("serviceId")
    target_port: pulumi.Input[int] = pulumi.property("targetPort")
    domain: pulumi.Input[str] | None = pulumi.property("domain", default=None)


@pulumi.type_token("railway:index:ServiceDomain")
class ServiceDomain(Resource):
    """The generated domain of a service in one environment, e.g. `gateway-production.up.railway.app`, served over TLS.

    A generated domain that exists already is used again, never doubled.
    Import id: `<project id>/<environment id>/<service id>/<domain id>`.

    Errors: a port out of range and a name that is none stop the run before any write; a `domain` that somebody else has
    is refused by name.

    Source: https://docs.railway.com/networking/domains
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the domain."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment; a change replaces the domain."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Id of the service; a change replaces the domain."""

    target_port: pulumi.Output[int] = pulumi.property("targetPort")
    """Port the service listens on, 1 to 65535."""

    domain: pulumi.Output[str] = pulumi.property("domain")
    """The domain, without a scheme. As an input it renames the generated one; without it Railway chooses."""

    domain_id: pulumi.Output[str] = pulumi.property("domainId")
    """Railway's id of the domain."""

    url: pulumi.Output[str] = pulumi.property("url")
    """`https://` and the domain."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        service_id: pulumi.Input[str],
        target_port: pulumi.Input[int],
        domain: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            target_port=target_port,
            domain=domain,
        )
        super().__init__(resource_name, inputs, opts)
