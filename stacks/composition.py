"""Put a stack together: source, secrets, providers, the gateway, and the outputs others rely on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pulumi

import pulumi_railway
from gateway.component import LiteLLMGateway, LiteLLMGatewayArgs, ServiceArgs, SourceArgs
from gateway.redis import Redis, RedisArgs
from gateway.variables import plan
from stacks import providers, published, secrets, source
from stacks.settings import Settings


def deploy(settings: Settings) -> LiteLLMGateway:
    """Declare the gateway that `settings` describe and export `url`, `service_id` and `deployment_id`."""
    built_from = source.read(Path.cwd(), settings.root_directory, settings.commit)
    for warning in built_from.warnings:
        pulumi.log.warn(warning)
    gcp, railway = providers.gcp_provider(settings), providers.railway_provider(settings)
    names = [*settings.secrets.values(), *filter(None, [settings.redis_password_secret, settings.budget_key_secret])]
    references = secrets.pin(names, settings.gcp_project, pulumi.InvokeOptions(provider=gcp))
    verified = pulumi_railway.verify_secret_versions(list(references.values()), pulumi.InvokeOptions(provider=railway))
    secrets.require_usable(verified.problems)
    options = pulumi.ResourceOptions(providers=[railway])
    redis = [Redis(redis_args(settings, references), options)] if settings.redis_password_secret else []
    args = gateway_args(settings, built_from, references, published.value(settings.repository, settings.url_variable))
    args = dataclasses.replace(args, needs=[each.deployment for each in redis])
    gateway = LiteLLMGateway(settings.service_name, args, options)
    for output in ("url", "service_id", "deployment_id"):
        pulumi.export(output, getattr(gateway, output))
    return gateway


def redis_args(settings: Settings, references: Mapping[str, str]) -> RedisArgs:
    """What the settings mean for the Redis, which is built from the directory `redis` beside the gateway's."""
    directory = str(PurePosixPath(settings.root_directory).with_name("redis"))
    built_from = source.read(Path.cwd(), directory, settings.commit)
    return RedisArgs(
        project_id=settings.railway_project_id,
        environment_id=settings.railway_environment_id,
        source=SourceArgs(settings.repository, settings.branch, directory, built_from.commit, built_from.tree),
        name=settings.redis_service,
        password=references[settings.redis_password_secret],
    )


def gateway_args(
    settings: Settings, built_from: source.Source, references: Mapping[str, str], published_url: str | None
) -> LiteLLMGatewayArgs:
    """What the settings mean for the gateway; `references` maps a secret's name to its pinned version."""
    return LiteLLMGatewayArgs(
        project_id=settings.railway_project_id,
        environment_id=settings.railway_environment_id,
        source=SourceArgs(
            settings.repository, settings.branch, settings.root_directory, built_from.commit, built_from.tree
        ),
        service=ServiceArgs(
            name=settings.service_name,
            adopt=settings.adopt_service,
            port=settings.port,
            healthcheck_path=settings.healthcheck_path,
            healthcheck_timeout=settings.healthcheck_timeout,
            draining_seconds=settings.draining_seconds,
            restart_retries=settings.restart_retries,
            replicas=settings.replicas,
            volume_path=settings.volume_path,
        ),
        variables=plan(
            settings.port,
            {name: references[secret] for name, secret in settings.secrets.items()},
            draining_seconds=settings.draining_seconds,
            workers=settings.workers,
            volume=bool(settings.volume_path),
            redis_service=settings.redis_service,
        ),
        acceptance_timeout=settings.acceptance_timeout,
        url_variable=settings.url_variable,
        published_url=published_url,
        budget_key=references.get(settings.budget_key_secret),
    )
