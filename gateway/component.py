"""The gateway as one component: service, variables, domain, one verified deployment, and its published URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_github.actions_variable import ActionsVariable

import pulumi_railway as railway
from gateway.variables import MASTER_KEY, VariablePlan

TOKEN: Final = "gateway:index:LiteLLMGateway"  # noqa: S105 - a Pulumi type token
ACCEPTANCE: Final = ("python", "-m", "gateway.acceptance", "{url}")
GATE_KEY: Final = "GATEWAY_API_KEY"
GATE_BUDGET_KEY: Final = "GATEWAY_BUDGET_KEY"


@dataclass(frozen=True)
class SourceArgs:
    """What Railway builds: `repository` is owner/name, `commit` 40 hex digits, `tree` changes with the files."""

    repository: str
    branch: str
    root_directory: str
    commit: str
    tree: str


@dataclass(frozen=True)
class ServiceArgs:
    """How Railway runs it. Times are in seconds; `adopt` takes over a service of that name and protects it.

    `volume_path` is where a volume is mounted, empty for none.
    """

    name: str
    adopt: bool
    port: int
    healthcheck_path: str
    healthcheck_timeout: int
    draining_seconds: int
    restart_retries: int
    replicas: int = 1
    volume_path: str = ""


@dataclass(frozen=True)
class LiteLLMGatewayArgs:
    """Everything a gateway needs. `acceptance_timeout` bounds the acceptance checks, in seconds.

    `published_url` is what the variable holds now, None where there is none. `needs` has to be there before the gateway
    is deployed. `budget_key` is the reference of a client's key whose tiny budget the acceptance checks try.
    """

    project_id: str
    environment_id: str
    source: SourceArgs
    service: ServiceArgs
    variables: VariablePlan
    acceptance_timeout: int
    url_variable: str
    published_url: str | None
    needs: Sequence[pulumi.Resource] = ()
    budget_key: str | None = None


class LiteLLMGateway(pulumi.ComponentResource):
    """A LiteLLM gateway whose URL is published only after its deployment was accepted.

    Outputs: `url`, `service_id`, `deployment_id`. A refused deployment is rolled back and fails the update;
    the published URL then stays as it was.
    """

    url: pulumi.Output[str]
    service_id: pulumi.Output[str]
    deployment_id: pulumi.Output[str]

    def __init__(self, name: str, args: LiteLLMGatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKEN, name, None, opts)
        self._name, self._args = name, args
        service = self._service()
        variables = self._variables(service)
        domain = self._domain(service)
        volume = self._volume(service) if args.service.volume_path else None
        deployment = self._deployment(service, variables, domain, volume)
        deployment.url.apply(lambda url: self._published_url(deployment, url), run_with_unknowns=True)
        self.url = deployment.url.apply(str)
        self.service_id = service.service_id
        self.deployment_id = deployment.deployment_id
        outputs = {"url": self.url, "serviceId": self.service_id, "deploymentId": self.deployment_id}
        self.register_outputs(outputs)

    def _service(self) -> railway.Service:
        args = self._args.service
        return railway.Service(
            self._name,
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            name=args.name,
            adopt=args.adopt,
            root_directory=self._args.source.root_directory,
            healthcheck_path=args.healthcheck_path,
            healthcheck_timeout=args.healthcheck_timeout,
            draining_seconds=args.draining_seconds,
            restart_policy_type="ON_FAILURE",
            restart_policy_max_retries=args.restart_retries,
            num_replicas=args.replicas,
            opts=pulumi.ResourceOptions(parent=self, protect=args.adopt),
        )

    def _variables(self, service: railway.Service) -> railway.Variables:
        return railway.Variables(
            f"{self._name}-variables",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            variables=self._args.variables.plain,
            secrets=self._args.variables.secrets,
            secret_prefixes=self._args.variables.secret_prefixes,
            opts=part_of(self, service),
        )

    def _domain(self, service: railway.Service) -> railway.ServiceDomain:
        return railway.ServiceDomain(
            f"{self._name}-domain",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            target_port=self._args.service.port,
            opts=part_of(self, service),
        )

    def _volume(self, service: railway.Service) -> railway.Volume:
        """It holds one day's spending, so it goes with the gateway. Railway keeps a volume whose service is deleted.

        One of a service that is taken over may hold what somebody else put there: it is protected as that is.
        """
        adopt = self._args.service.adopt
        return railway.Volume(
            f"{self._name}-volume",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            mount_path=self._args.service.volume_path,
            allow_destroy=not adopt,
            opts=pulumi.ResourceOptions(parent=self, protect=adopt),
        )

    def _deployment(
        self,
        service: railway.Service,
        variables: railway.Variables,
        domain: railway.ServiceDomain,
        volume: railway.Volume | None,
    ) -> railway.Deployment:
        source = self._args.source
        gate = railway.GateArgs(
            command=list(ACCEPTANCE),
            secrets={
                GATE_KEY: self._args.variables.secrets[MASTER_KEY],
                **({GATE_BUDGET_KEY: self._args.budget_key} if self._args.budget_key else {}),
            },
            timeout_seconds=self._args.acceptance_timeout,
        )
        return railway.Deployment(
            f"{self._name}-deployment",
            project_id=self._args.project_id,
            environment_id=self._args.environment_id,
            service_id=service.service_id,
            repository=source.repository,
            branch=source.branch,
            commit=source.commit,
            endpoint=domain.url,
            triggers={
                "source": source.tree,
                "service": service.revision,
                "variables": variables.revision,
                **({"volume": volume.volume_id} if volume else {}),
            },
            gate=gate,
            opts=pulumi.ResourceOptions.merge(
                part_of(self, service), pulumi.ResourceOptions(depends_on=list(self._args.needs))
            ),
        )

    def _published_url(self, deployment: railway.Deployment, url: object) -> None:
        """Publish `url`, unknown in some previews. A variable that holds it was made by a run that was cut off.

        GitHub refuses to create one that exists: this one is imported, which changes nothing where it is recorded.
        """
        _, _, repository = self._args.source.repository.partition("/")
        name, holds = self._args.url_variable, self._args.published_url
        if isinstance(url, str) and holds not in {url, None}:
            pulumi.log.warn(
                f"{name} of {self._args.source.repository} holds {holds}, not {url}. Where this stack did not make it, "
                f"GitHub refuses it (409): delete it, or import it as {repository}:{name}.",
                self,
            )
        ActionsVariable(
            f"{self._name}-url",
            repository=repository,
            variable_name=name,
            value=deployment.url,
            opts=pulumi.ResourceOptions(parent=self, import_=f"{repository}:{name}" if holds == url else None),
        )


def part_of(component: pulumi.Resource, service: railway.Service) -> pulumi.ResourceOptions:
    """The options of what belongs to a service of `component`: Railway deletes it together with the service."""
    return pulumi.ResourceOptions(parent=component, deleted_with=service)
