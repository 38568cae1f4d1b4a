"""A Railway service in one environment, with the settings of its instance there."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi

from pulumi_railway.resource import Resource, input_type

Builder = Literal["HEROKU", "NIXPACKS", "PAKETO", "RAILPACK"]
"""Railway's builders. A Dockerfile in the root directory is used whatever the builder says."""

RestartPolicyType = Literal["ALWAYS", "NEVER", "ON_FAILURE"]
"""When Railway starts a process again that ended."""


@input_type
class _Inputs:
    project_id: pulumi.Input[str] = pulumi.property("projectId")
    environment_id: pulumi.Input[str] = pulumi.property("environmentId")
    name: pulumi.Input[str] = pulumi.property("name")
    adopt: pulumi.Input[bool] | None = pulumi.property("adopt", default=None)
    root_directory: pulumi.Input[str] | None = pulumi.property("rootDirectory", default=None)
    builder: pulumi.Input[Builder] | None = pulumi.property("builder", default=None)
    build_command: pulumi.Input[str] | None = pulumi.property("buildCommand", default=None)
    dockerfile_path: pulumi.Input[str] | None = pulumi.property("dockerfilePath", default=None)
    nixpacks_plan: pulumi.Input[Mapping[str, Any]] | None = pulumi.property("nixpacksPlan", default=None)
    railway_config_file: pulumi.Input[str] | None = pulumi.property("railwayConfigFile", default=None)
    watch_patterns: pulumi.Input[Sequence[pulumi.Input[str]]] | None = pulumi.property("watchPatterns", default=None)
    healthcheck_path: pulumi.Input[str] | None = pulumi.property("healthcheckPath", default=None)
    healthcheck_timeout: pulumi.Input[int] | None = pulumi.property("healthcheckTimeout", default=None)
    restart_policy_type: pulumi.Input[RestartPolicyType] | None = pulumi.property("restartPolicyType", default=None)
    restart_policy_max_retries: pulumi.Input[int] | None = pulumi.property("restartPolicyMaxRetries", default=None)
    multi_region_config: pulumi.Input[Mapping[str, Any]] | None = pulumi.property("multiRegionConfig", default=None)
    num_replicas: pulumi.Input[int] | None = pulumi.property("numReplicas", default=None)
    sleep_application: pulumi.Input[bool] | None = pulumi.property("sleepApplication", default=None)
    cron_schedule: pulumi.Input[str] | None = pulumi.property("cronSchedule", default=None)
    start_command: pulumi.Input[str] | None = pulumi.property("startCommand", default=None)
    pre_deploy_command: pulumi.Input[Sequence[pulumi.Input[str]]] | None = pulumi.property(
        "preDeployCommand", default=None
    )
    overlap_seconds: pulumi.Input[int] | None = pulumi.property("overlapSeconds", default=None)
    draining_seconds: pulumi.Input[int] | None = pulumi.property("drainingSeconds", default=None)
    ipv6_egress_enabled: pulumi.Input[bool] | None = pulumi.property("ipv6EgressEnabled", default=None)


@pulumi.type_token("railway:index:Service")
class Service(Resource):
    """A service of a project, and how Railway builds and runs it in one environment.

    It starts empty: `Deployment` connects the repository and deploys. A setting that was never given stays as it is,
    one that is taken away is cleared.
    Import id: `<project id>/<environment id>/<service id>`.

    Errors: a service of that name which this resource did not make is refused with its id, unless `adopt` is set;
    a setting Railway did not take although it said so is an error after the write was read back.

    Source: https://docs.railway.com/services and `ServiceInstanceUpdateInput` in Railway's GraphQL schema.
    """

    _inputs = _Inputs

    project_id: pulumi.Output[str] = pulumi.property("projectId")
    """Id of the project; a change replaces the service."""

    environment_id: pulumi.Output[str] = pulumi.property("environmentId")
    """Id of the environment whose settings these are; a change replaces the service."""

    name: pulumi.Output[str] = pulumi.property("name")
    """Name of the service, at most 32 characters."""

    adopt: pulumi.Output[bool] = pulumi.property("adopt")
    """Whether to take over a service of that name that exists already; false by default. Protect what you adopt."""

    root_directory: pulumi.Output[str | None] = pulumi.property("rootDirectory")
    """Directory of the repository that is built."""

    builder: pulumi.Output[str | None] = pulumi.property("builder")
    """What builds the image: HEROKU, NIXPACKS, PAKETO or RAILPACK; a Dockerfile wins over it."""

    build_command: pulumi.Output[str | None] = pulumi.property("buildCommand")
    """Command that builds, where no Dockerfile does."""

    dockerfile_path: pulumi.Output[str | None] = pulumi.property("dockerfilePath")
    """Dockerfile to use, relative to the root directory."""

    nixpacks_plan: pulumi.Output[Mapping[str, Any] | None] = pulumi.property("nixpacksPlan")
    """Plan for the builder NIXPACKS, in its own format."""

    railway_config_file: pulumi.Output[str | None] = pulumi.property("railwayConfigFile")
    """Path of a railway.toml or railway.json, whose values win over these settings."""

    watch_patterns: pulumi.Output[Sequence[str] | None] = pulumi.property("watchPatterns")
    """Patterns of files, in gitignore form, whose change makes a push deploy."""

    healthcheck_path: pulumi.Output[str | None] = pulumi.property("healthcheckPath")
    """Path that must answer exactly 200 before a new deployment gets traffic."""

    healthcheck_timeout: pulumi.Output[int | None] = pulumi.property("healthcheckTimeout")
    """Seconds that may take; 300 where it is not set."""

    restart_policy_type: pulumi.Output[str | None] = pulumi.property("restartPolicyType")
    """When a process that ended is started again: ALWAYS, NEVER or ON_FAILURE."""

    restart_policy_max_retries: pulumi.Output[int | None] = pulumi.property("restartPolicyMaxRetries")
    """How often at most, with ON_FAILURE."""

    multi_region_config: pulumi.Output[Mapping[str, Any] | None] = pulumi.property("multiRegionConfig")
    """Region -> {"numReplicas": count}."""

    num_replicas: pulumi.Output[int | None] = pulumi.property("numReplicas")
    """Replicas in the one region there is, at least 1."""

    sleep_application: pulumi.Output[bool | None] = pulumi.property("sleepApplication")
    """Whether Railway stops it while nobody calls."""

    cron_schedule: pulumi.Output[str | None] = pulumi.property("cronSchedule")
    """Crontab expression in UTC; the service then runs at those times only."""

    start_command: pulumi.Output[str | None] = pulumi.property("startCommand")
    """Command that replaces the entry point of the image."""

    pre_deploy_command: pulumi.Output[Sequence[str] | None] = pulumi.property("preDeployCommand")
    """Commands to run in the new image before it is started."""

    overlap_seconds: pulumi.Output[int | None] = pulumi.property("overlapSeconds")
    """Seconds the old deployment keeps running beside the new one."""

    draining_seconds: pulumi.Output[int | None] = pulumi.property("drainingSeconds")
    """Seconds between SIGTERM and SIGKILL for the old deployment."""

    ipv6_egress_enabled: pulumi.Output[bool | None] = pulumi.property("ipv6EgressEnabled")
    """Whether it may open connections over IPv6."""

    service_id: pulumi.Output[str] = pulumi.property("serviceId")
    """Railway's id of the service."""

    revision: pulumi.Output[str] = pulumi.property("revision")
    """Changes whenever this resource wrote to Railway; a trigger for `Deployment`."""

    def __init__(
        self,
        resource_name: str,
        *,
        project_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        name: pulumi.Input[str],
        adopt: pulumi.Input[bool] | None = None,
        root_directory: pulumi.Input[str] | None = None,
        builder: pulumi.Input[Builder] | None = None,
        build_command: pulumi.Input[str] | None = None,
        dockerfile_path: pulumi.Input[str] | None = None,
        nixpacks_plan: pulumi.Input[Mapping[str, Any]] | None = None,
        railway_config_file: pulumi.Input[str] | None = None,
        watch_patterns: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        healthcheck_path: pulumi.Input[str] | None = None,
        healthcheck_timeout: pulumi.Input[int] | None = None,
        restart_policy_type: pulumi.Input[RestartPolicyType] | None = None,
        restart_policy_max_retries: pulumi.Input[int] | None = None,
        multi_region_config: pulumi.Input[Mapping[str, Any]] | None = None,
        num_replicas: pulumi.Input[int] | None = None,
        sleep_application: pulumi.Input[bool] | None = None,
        cron_schedule: pulumi.Input[str] | None = None,
        start_command: pulumi.Input[str] | None = None,
        pre_deploy_command: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        overlap_seconds: pulumi.Input[int] | None = None,
        draining_seconds: pulumi.Input[int] | None = None,
        ipv6_egress_enabled: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _Inputs(
            project_id=project_id,
            environment_id=environment_id,
            name=name,
            adopt=adopt,
            root_directory=root_directory,
            builder=builder,
            build_command=build_command,
            dockerfile_path=dockerfile_path,
            nixpacks_plan=nixpacks_plan,
            railway_config_file=railway_config_file,
            watch_patterns=watch_patterns,
            healthcheck_path=healthcheck_path,
            healthcheck_timeout=healthcheck_timeout,
            restart_policy_type=restart_policy_type,
            restart_policy_max_retries=restart_policy_max_retries,
            multi_region_config=multi_region_config,
            num_replicas=num_replicas,
            sleep_application=sleep_application,
            cron_schedule=cron_schedule,
            start_command=start_command,
            pre_deploy_command=pre_deploy_command,
            overlap_seconds=overlap_seconds,
            draining_seconds=draining_seconds,
            ipv6_egress_enabled=ipv6_egress_enabled,
        )
        super().__init__(resource_name, inputs, opts)
