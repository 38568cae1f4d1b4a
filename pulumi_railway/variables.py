"""Environment variables of a Railway service: plain values, and references to secrets."""

from collections.abc import Mapping

import pulumi

from pulumi_railway.resource import Resource, input_type


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    service_id: pulumi.Input[str] = pulumi.property("serviceId")
    variables: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property("variables", default=None)
    secrets: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property("secrets", default=None)
    secret_prefixes: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property(
        "secretPrefixes", default=None
    )


@pulumi.type_token("railway:index:Variables")
class Variables(Resource):
    """The variables this resource names, of a service in one environment; all others are left alone.

    Nothing here deploys: give `revision` to a `Deployment` as a trigger. The value of a secret is read when it is
    applied and kept nowhere; the state holds its reference and a salted fingerprint.
    Import id: `<project id>/<environment id>/<service id>`.

    Errors: a name in both maps, and a secret that is missing, disabled, empty, a placeholder, without its prefix or
    has a newline, spaces or a byte-order mark, stop the run before any write. All of them are told at once.

    Source: https://docs.railway.com/variables
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the variables."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment; a change replaces the variables."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Id of the service; a change replaces the variables."""

    variables: pulumi.Output[Mapping[str, str]] = pulumi.property("variables")
    """Name -> value. It stands in the state as it is, so it is no place for a secret."""

    secrets: pulumi.Output[Mapping[str, str]] = pulumi.property("secrets")
    """Name -> reference, `projects/P/secrets/S/versions/N`, of the version whose payload becomes the value."""

    secret_prefixes: pulumi.Output[Mapping[str, str]] = pulumi.property("secretPrefixes")
    """Name -> what the payload of that secret has to start with, e.g. `sk-`; any other is refused before a write."""

    fingerprints: pulumi.Output[Mapping[str, str]] = pulumi.property("fingerprints")
    """Name -> salted hash of the value last written, by which a change by hand is seen."""

    revision: pulumi.Output[str] = pulumi.property("revision")
    """Changes whenever this resource wrote to Railway; a trigger for `Deployment`."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        service_id: pulumi.Input[str],
        variables: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        secrets: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        secret_prefixes: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            variables=variables,
            secrets=secrets,
            secret_prefixes=secret_prefixes,
        )
        super().__init__(resource_name, inputs, opts)
