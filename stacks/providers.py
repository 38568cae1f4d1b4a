"""The providers of a stack. Endpoints and tokens come from the environment of the plugins, never from here."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_gcp
import pulumi_github

import pulumi_railway
from stacks import secrets
from stacks.settings import Settings


@dataclass(frozen=True)
class Providers:
    """One explicit provider per vendor, so that nothing is created by a default one."""

    gcp: pulumi_gcp.Provider
    github: pulumi_github.Provider


def cloud_providers(settings: Settings) -> Providers:
    """GCP for the project that holds the secrets, GitHub for the owner of the repository."""
    owner, _, _ = settings.repository.partition("/")
    return Providers(
        gcp=pulumi_gcp.Provider("gcp", project=settings.gcp_project),
        github=pulumi_github.Provider("github", owner=owner),
    )


def railway_provider(settings: Settings) -> pulumi_railway.Provider:
    """Railway with the newest version of the token's secret, so that rotating the token changes nothing in the state.

    RAILWAY_TOKEN and RAILWAY_API_TOKEN win over it.
    """
    secret = f"projects/{settings.gcp_project}/secrets/{settings.railway_token_secret}"
    return pulumi_railway.Provider("railway", token_secret=secrets.version(secret, secrets.LATEST))
