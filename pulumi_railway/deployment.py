"""One verified deployment of a Railway service."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_railway.resource import Resource, input_type


@input_type
class GateArgs:
    """The program that judges a deployment before its URL counts.

    It runs in the program's directory with GATEWAY_URL, GATEWAY_DEPLOYMENT_ID and GATE_EVIDENCE (a file for its JSON).
    Exit status: 0 accepts, 1 refuses and rolls back, 2 and all others mean that nobody can tell.
    """

    command: pulumi.Input[Sequence[pulumi.Input[str]]] = pulumi.property("command")
    """Program and arguments; no shell. `{url}` in an argument becomes the endpoint."""

    environment: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property("environment", default=None)
    """More environment variables, name -> value."""

    secrets: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property("secrets", default=None)
    """More environment variables, name -> reference `projects/P/secrets/S/versions/N`, read when the gate starts."""

    timeout_seconds: pulumi.Input[int] | None = pulumi.property("timeoutSeconds", default=None)
    """Seconds after which the gate is stopped and nobody can tell."""


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    service_id: pulumi.Input[str] = pulumi.property("serviceId")
    repository: pulumi.Input[str] = pulumi.property("repository")
    branch: pulumi.Input[str] = pulumi.property("branch")
    commit: pulumi.Input[str] = pulumi.property("commit")
    auto_deploy: pulumi.Input[bool] | None = pulumi.property("autoDeploy", default=None)
    endpoint: pulumi.Input[str] | None = pulumi.property("endpoint", default=None)
    triggers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = pulumi.property("triggers", default=None)
    gate: pulumi.Input[GateArgs] | None = pulumi.property("gate", default=None)


@pulumi.type_token("railway:index:Deployment")
class Deployment(Resource):
    """Exactly one deployment for any set of changes: started, followed by its id, judged by a gate, and then its `url`.

    A change of `triggers`, `repository` or `branch` deploys, nothing else does. Refused: rolled back to the last
    accepted deployment, or taken offline where it is the first. Cannot tell: left as it is. Both fail the run, and the
    next one tries again. Railway's own deployments of pushes are switched off unless `auto_deploy` is set: nobody
    judges them. A change of that alone deploys nothing.
    Import id: `<project id>/<environment id>/<service id>`.

    Errors: the step of the build that failed, its reason and the last lines of its log; the gate's own words;
    a deployment that somebody else started meanwhile is told, not followed.
    `custom_timeouts` bound the whole, in seconds.

    Source: https://docs.railway.com/deployments/reference
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the deployment."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment; a change replaces the deployment."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Id of the service; a change replaces the deployment."""

    repository: pulumi.Output[str] = pulumi.property("repository")
    """GitHub repository to build, owner/name; it is connected to the service where it is not yet."""

    branch: pulumi.Output[str] = pulumi.property("branch")
    """Branch the service follows."""

    commit: pulumi.Output[str] = pulumi.property("commit")
    """Commit of the deployment, 40 hex digits. As an input it is used by the next deployment and starts none."""

    auto_deploy: pulumi.Output[bool] = pulumi.property("autoDeploy")
    """Whether Railway deploys each push to the branch by itself, which nobody judges; false by default."""

    endpoint: pulumi.Output[str | None] = pulumi.property("endpoint")
    """URL where the deployment is judged, e.g. the `url` of a `ServiceDomain`; a gate needs one."""

    triggers: pulumi.Output[Mapping[str, str]] = pulumi.property("triggers")
    """Name -> anything that changes when there is something to deploy."""

    gate: pulumi.Output[Mapping[str, Any] | None] = pulumi.property("gate")
    """The program that judges; see `GateArgs`. Without one a deployment that serves is accepted."""

    deployment_id: pulumi.Output[str] = pulumi.property("deploymentId")
    """Railway's id of the deployment."""

    url: pulumi.Output[str | None] = pulumi.property("url")
    """The endpoint, known once the gate accepted the deployment; none where there is no endpoint."""

    accepted_at: pulumi.Output[str] = pulumi.property("acceptedAt")
    """When the gate accepted it, RFC 3339 in UTC."""

    evidence: pulumi.Output[str | None] = pulumi.property("evidence")
    """What the gate wrote about its checks, JSON without secrets."""

    previous_deployment_id: pulumi.Output[str | None] = pulumi.property("previousDeploymentId")
    """Id of the deployment accepted before this one, to which a refused one rolls back."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        service_id: pulumi.Input[str],
        repository: pulumi.Input[str],
        branch: pulumi.Input[str],
        commit: pulumi.Input[str],
        auto_deploy: pulumi.Input[bool] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        gate: pulumi.Input[GateArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            repository=repository,
            branch=branch,
            commit=commit,
            auto_deploy=auto_deploy,
            endpoint=endpoint,
            triggers=triggers,
            gate=gate,
        )
        super().__init__(resource_name, inputs, opts)
